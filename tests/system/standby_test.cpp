/// Who copies PostgreSQL's log, and whether a node starts beside them.
#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/node.hpp"

namespace dabba::system_tests {
namespace {

using namespace std::chrono_literals;

bool soon_has_one(queries& db, const std::string& condition) {
  return eventually(10s, [&] { return db.number("select count(*) from pg_stat_replication where " + condition) == 1; });
}

/// How a node on the database of `other`, which is down, ends, and the end of its log.
std::string refusal(const test_node& other) {
  child_process node{{DABBA_PROGRAM, "node", "--database", other.database(), "--listen", "127.0.0.1:0", "--signing-key",
                      other.signing_key(), "--web-root", DABBA_WEB_ROOT},
                     other.folder() / "refused.log"};
  auto ended = node.wait(20s);
  REQUIRE(ended);
  CHECK(ended->status == 1);
  return node.log_tail();
}

}  // namespace

TEST_CASE("a node starts beside a standby only when acknowledged commits are on the standby, too") {
  const std::string sentence =
      "PostgreSQL may lose acknowledged commits in a failover, since they do not wait for its standby (walreceiver at "
      "127.0.0.1): name it in synchronous_standby_names";
  postgres_server server;
  queries db{server.url()};
  auto standby = postgres_server::standby_of(server);  // outlives the nodes: dropping their databases waits for it
  REQUIRE(soon_has_one(db, "replay_lsn is not null"));
  test_node node{{"--allow-unsafe-database"}, server.url()};
  CHECK(node.process().log_tail().find(sentence + ". Started all the same") != std::string::npos);
  node.kill();
  CHECK(refusal(node).find(sentence) != std::string::npos);

  db.rows("alter system set synchronous_standby_names = '*'");
  db.rows("select pg_reload_conf()");
  REQUIRE(soon_has_one(db, "sync_state = 'sync'"));
  test_node safe{{}, server.url()};
  CHECK(safe.is_ready());
}

TEST_CASE("what only stores PostgreSQL's log keeps no node from starting") {
  postgres_server server;
  queries db{server.url()};
  scratch_folder log;
  child_process receiver{
      {"/usr/bin/env", "pg_receivewal", "-d", server.url(), "-D", log.path().string()}, log.path() / "receiver.log"};
  REQUIRE(soon_has_one(db, "application_name = 'pg_receivewal' and state = 'streaming'"));
  test_node node{{}, server.url()};
  CHECK(node.is_ready());
  CHECK(receiver.is_running());
}

}  // namespace dabba::system_tests
