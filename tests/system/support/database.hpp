/// The tests' view of PostgreSQL: databases of their own, servers of their own, and what is in the rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/system/support/process.hpp"

struct pg_conn;

namespace dabba::system_tests {

/// One connection, opened when first needed and again when it broke. For one thread.
class queries {
 public:
  using row = std::vector<std::string>;

  explicit queries(std::string url) : url_{std::move(url)} {}

  /// NULL reads as an empty string. Throws std::runtime_error.
  std::vector<row> rows(const std::string& sql);
  /// The first column of every row.
  std::vector<std::string> column(const std::string& sql);
  std::int64_t number(const std::string& sql);

 private:
  struct closer {
    void operator()(pg_conn* connection) const;
  };

  std::string url_;
  std::unique_ptr<pg_conn, closer> connection_;
};

/// A PostgreSQL that the test may stop and crash, through scripts/postgres.sh.
class postgres_server {
 public:
  postgres_server();
  /// Takes connections when this returns; its own to `primary` may come a moment later.
  static postgres_server standby_of(const postgres_server& primary) { return postgres_server{primary.folder()}; }
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  /// As a crash would.
  void stop_at_once();
  /// On the same port.
  void start();

 private:
  explicit postgres_server(const std::string& primary);

  [[nodiscard]] std::string folder() const { return (folder_.path() / "postgres").string(); }
  std::string script(const std::vector<std::string>& arguments) const;

  scratch_folder folder_;
  std::string url_;
};

/// The server that the environment names in DABBA_TEST_DATABASE; scripts/test.sh sets it.
std::string shared_server();

/// An empty database, dropped with the object.
class scratch_database {
 public:
  explicit scratch_database(const std::string& server_url);
  ~scratch_database();
  scratch_database(const scratch_database&) = delete;
  scratch_database& operator=(const scratch_database&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  std::string server_;
  std::string name_;
  std::string url_;
};

}  // namespace dabba::system_tests
