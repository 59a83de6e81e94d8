/// Several nodes on one database, as processes that are killed, stopped and drained; and what the cluster's tables say
/// of them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bench/city/checker.hpp"
#include "tests/system/support/api.hpp"
#include "tests/system/support/database.hpp"
#include "tests/system/support/node.hpp"
#include "tests/system/support/process.hpp"
#include "tests/system/support/tokens.hpp"

namespace dabba::fault_tests {

using system_tests::child_process;
using system_tests::ending;
using system_tests::eventually;
using system_tests::milliseconds;
using system_tests::steady;

/// How one node is started; everything may be left out.
struct node_setup {
  std::vector<std::string> flags;        ///< added to its command line
  std::string database;                  ///< instead of the cluster's own URL: a way round through a relay
  std::vector<std::string> environment;  ///< `NAME=value`
};

/// How far the book that the database keeps of its nodes and shards has come.
struct bookmark {
  std::int64_t of_owners = 0;
  std::int64_t of_nodes = 0;
};

class cluster_under_test {
 public:
  /// Starts so many nodes on a PostgreSQL server of their own, all with these flags, and waits until the cluster is
  /// settled.
  explicit cluster_under_test(std::size_t nodes, std::vector<std::string> flags = {});
  /// Shows the ends of the nodes' logs when the test fails with an exception.
  ~cluster_under_test();
  cluster_under_test(const cluster_under_test&) = delete;
  cluster_under_test& operator=(const cluster_under_test&) = delete;

  // -- Nodes: numbered from 0, each with a port of its own that it keeps. From the main thread. -----------------------

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  [[nodiscard]] std::uint16_t port(std::size_t node) const { return nodes_.at(node).port; }
  [[nodiscard]] std::vector<std::uint16_t> ports() const;
  /// A place for one more node; it is not started. `setup` is kept for every start.
  std::size_t add(node_setup setup = {});
  /// For its next start.
  void change(std::size_t node, node_setup setup) { nodes_.at(node).setup = std::move(setup); }
  /// Does not wait until it is ready.
  void start(std::size_t node);
  /// SIGKILL.
  void kill(std::size_t node) { process(node).kill(); }
  void signal(std::size_t node, int number);
  /// As an operator would: `dabba cluster drain`.
  void drain(std::size_t node);
  child_process& process(std::size_t node) { return *nodes_.at(node).process; }
  [[nodiscard]] bool is_running(std::size_t node);
  [[nodiscard]] bool is_ready(std::size_t node) const;
  /// Without the lines for single requests.
  [[nodiscard]] std::string log(std::size_t node) const;

  // -- The tables ----------------------------------------------------------------------------------------------------

  /// The node that the process was last known as.
  std::string id_of(std::size_t node);
  std::set<int> shards_of(std::size_t node);
  /// Which of the nodes owns the shard; nothing when none does.
  std::optional<std::size_t> owner_of(int shard);
  /// Exactly the nodes whose processes run are up, and every shard is in its owner's hands, each with its fair share.
  bool is_settled();
  bool await_settled(milliseconds patience = milliseconds{30'000});
  /// Only a node that has held its lease (and its lock) for the term of one may declare others dead. Waits until one
  /// may that is none of these.
  void await_judge_besides(const std::set<std::size_t>& those) const;
  /// Every shard has an owner that runs and holds its lease, whatever its share. What the tables say of a process that
  /// is gone does not count.
  bool is_owned();
  /// Every (shard, epoch, owner) there ever was, in the order it came about: the database keeps book of it.
  std::vector<city::seen_owner> owners();
  bookmark mark();
  std::int64_t moves_since(const bookmark& mark);
  /// Of the shard that changed its owner, or its epoch, most often.
  std::int64_t most_moves_of_a_shard_since(const bookmark& mark);
  std::int64_t nodes_declared_dead_since(const bookmark& mark);

  system_tests::queries& db() { return db_; }
  [[nodiscard]] std::uint16_t database_port() const;
  /// The database's URL with another port.
  [[nodiscard]] std::string database_through(std::uint16_t port) const;
  /// As a crash would.
  void stop_database() { postgres_.stop_at_once(); }
  /// Returns when it takes connections.
  void start_database();
  [[nodiscard]] const std::string& database() const { return database_.url(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::string token(const std::string& role, const std::string& subject) const;
  [[nodiscard]] system_tests::http_client client(std::size_t node, const std::string& role,
                                                 const std::string& subject) const;

 private:
  struct node {
    std::uint16_t port = 0;
    node_setup setup;
    std::unique_ptr<child_process> process;
    std::filesystem::path log;
    steady::time_point begins_at;  ///< its present time without a break
    std::string id_before;         ///< of the process before
  };

  void keep_book();
  [[nodiscard]] std::string signing_key() const { return (folder_.path() / "key.pem").string(); }
  [[nodiscard]] std::string url_of(std::size_t node) const;

  system_tests::scratch_folder folder_;
  system_tests::postgres_server postgres_;
  system_tests::scratch_database database_;
  system_tests::queries db_;
  std::vector<std::string> flags_;
  std::vector<node> nodes_;
  std::unique_ptr<system_tests::token_maker> tokens_;
  int exceptions_before_;
};

}  // namespace dabba::fault_tests
