/// A PostgreSQL database of the test program's own, and the rows that tests put in it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "persistence/postgres/cluster.hpp"
#include "persistence/postgres/connection.hpp"
#include "persistence/postgres/journal_store.hpp"
#include "persistence/postgres/reader.hpp"

namespace dabba::tests {

using namespace std::chrono_literals;

inline postgres::deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

/// An empty database on the server that DABBA_TEST_DATABASE names, dropped with this object. Without the variable:
/// std::runtime_error, so that the test fails and is not passed over.
class scratch_database {
 public:
  scratch_database();
  explicit scratch_database(const std::string& server_url);
  ~scratch_database();
  scratch_database(const scratch_database&) = delete;
  scratch_database& operator=(const scratch_database&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  /// The same database, reached through a port on the loopback.
  [[nodiscard]] std::string url_through(std::uint16_t port) const;
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] postgres::connect_options options(const std::string& application_name = "test") const;
  [[nodiscard]] postgres::connection connect(const std::string& settings = "") const;
  /// The first field of the first row, as a number. From any thread.
  std::int64_t number(const std::string& sql) const;
  void execute(const std::string& sql) const { (void)ask(sql); }

 private:
  [[nodiscard]] std::string ask(const std::string& sql) const;

  std::string server_;
  std::string name_;
  std::string url_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<pg_conn> admin_;  ///< of number() and execute(), which use libpq without our layer
};

/// The program's migrated database, made for its first test and dropped after the last.
const scratch_database& migrated_database();

/// Real time as an instant, for ids and anchors.
instant real_now();

/// A node that has just taken all 16 shards of the database: each test has one of its own.
struct test_node {
  explicit test_node(const scratch_database& database = migrated_database());

  node_id id;
  std::vector<owned_shard> shards;

  [[nodiscard]] postgres::journal_store writer(const postgres::connect_options& options) const;
  [[nodiscard]] postgres::journal_store writer() const { return writer(migrated_database().options("writer")); }
  [[nodiscard]] const owned_shard& shard(std::size_t i) const { return shards.at(i % shards.size()); }
};

inline constexpr std::uint16_t test_shards = 16;

/// Commands as the actors would make them.
append order_append(const owned_shard& shard, order_id order, std::uint64_t first_seq, std::size_t events = 1);
append restaurant_append(const owned_shard& shard, restaurant_id restaurant, std::uint64_t first_seq,
                         const std::string& licence);
append partner_append(const owned_shard& shard, partner_id partner, std::uint64_t first_seq);
assignment_change begins(order_id order, partner_id partner, std::uint8_t slot);
assignment_change ends(order_id order, partner_id partner, std::uint8_t slot);

/// The answer of a batch of one.
result_of<appended> write_one(postgres::journal_store& writer, const append& a);

}  // namespace dabba::tests
