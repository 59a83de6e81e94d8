/// Databases on which acknowledged commits could be lost: which of them a node refuses.
#include "persistence/postgres/durability.hpp"

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/persistence/database.hpp"
#include "tests/persistence/server.hpp"

using namespace dabba;
using namespace dabba::postgres;
using namespace dabba::tests;

namespace {

const std::string in_a_crash = "PostgreSQL may lose acknowledged commits in a crash: off is ";
const std::string in_a_failover =
    "PostgreSQL may lose acknowledged commits in a failover, since they do not wait for its standby ";

/// What a check came to: why it was refused, and what was reported.
struct verdict {
  std::string refused;
  std::string heard;
};

verdict check(connection& conn, bool allow_unsafe = false) {
  verdict out;
  auto done = check_durability(conn, allow_unsafe, in(5s), [&](const std::string& what) { out.heard += what; });
  if (!done) out.refused = done.error();
  return out;
}

verdict check(const scratch_database& database, const std::string& settings = "") {
  auto conn = database.connect(settings);
  return check(conn);
}

bool soon_has_one(const scratch_database& database, const std::string& condition) {
  for (auto until = in(10s); std::chrono::steady_clock::now() < until; std::this_thread::sleep_for(20ms))
    if (database.number("select count(*) from pg_stat_replication where " + condition) == 1) return true;
  return false;
}

}  // namespace

TEST_CASE("a server that may lose commits is refused, unless that is wanted") {
  CHECK(check(migrated_database()).refused.empty());
  auto unsafe = migrated_database().connect("-c synchronous_commit=off");
  CHECK(check(unsafe).refused == in_a_crash + "synchronous_commit");
  auto allowed = check(unsafe, true);
  CHECK(allowed.refused.empty());
  CHECK(allowed.heard.starts_with(in_a_crash + "synchronous_commit. Started all the same"));
}

TEST_CASE("commits that wait for the disk only are safe when there is no standby") {
  auto found = check(migrated_database(), "-c synchronous_commit=local");
  CHECK(found.refused.empty());
  CHECK(found.heard.empty());
}

TEST_CASE("a standby that commits do not wait for is refused, unless that is wanted") {
  own_server server;
  auto standby = own_server::standby_of(server);
  scratch_database database{server.url()};  // goes first: to drop it is a commit
  REQUIRE(soon_has_one(database, "replay_lsn is not null"));
  const auto seen = in_a_failover + "(walreceiver at 127.0.0.1): ";
  const std::string name_it = "name it in synchronous_standby_names";
  const std::string set_it = "set synchronous_commit to on, not local";
  CHECK(check(database).refused == seen + name_it);
  CHECK(check(database, "-c synchronous_commit=local").refused == seen + name_it + " and " + set_it);
  auto conn = database.connect();
  auto allowed = check(conn, true);
  CHECK(allowed.refused.empty());
  CHECK(allowed.heard.starts_with(seen + name_it + ". Started all the same"));

  database.execute("create role plain");
  REQUIRE(conn.execute("set role plain", in(5s)));
  auto blind = check(conn);
  CHECK(blind.refused.empty());
  CHECK(
      blind.heard ==
      "this role may not see whether the log's copies (walreceiver) are asynchronous standbys: grant pg_monitor to it");
  database.execute("grant pg_monitor to plain");
  CHECK(check(conn).refused == seen + name_it);
  database.execute("revoke pg_monitor from plain");

  database.execute("alter system set synchronous_standby_names = '*'");
  database.execute("select pg_reload_conf()");
  REQUIRE(soon_has_one(database, "sync_state = 'sync'"));
  for (const auto* waits : {"on", "remote_write", "remote_apply"})
    CHECK(check(database, std::string{"-c synchronous_commit="} + waits).refused.empty());
  CHECK(check(database, "-c synchronous_commit=local").refused == seen + set_it);
  auto still_blind = check(conn);
  CHECK(still_blind.refused.empty());
  CHECK(still_blind.heard.empty());
  REQUIRE(conn.execute("set synchronous_commit = local", in(5s)));
  CHECK(check(conn).refused == in_a_failover + "(*): " + set_it);
}

TEST_CASE("a logical subscriber is no standby") {
  own_server server;
  scratch_database source{server.url()};
  REQUIRE(source.connect().execute("alter system set wal_level = 'logical'", in(5s)));
  server.restart();
  scratch_database copy{server.url()};
  for (const auto* database : {&source, &copy}) database->execute("create table t (a int primary key)");
  source.execute("create publication p for table t");
  // By itself a subscription to a database of its own server waits for itself.
  source.execute("select 1 from pg_create_logical_replication_slot('s', 'pgoutput')");
  copy.execute("create subscription s connection $$" + source.url() +
               "$$ publication p with (create_slot = false, slot_name = 's', copy_data = false)");
  REQUIRE(soon_has_one(source, "state = 'streaming' and replay_lsn is not null"));
  CHECK(check(source).refused.empty());
  copy.execute("drop subscription s");
}
