/// Nodes, shards and the clock.
#include "persistence/postgres/cluster.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "persistence/postgres/migrate.hpp"
#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

/// A database of the test's own: the cluster row is one for all.
struct own_cluster {
  scratch_database database;
  postgres::cluster store{database.options(), {}};

  own_cluster() {
    auto conn = database.connect();
    REQUIRE(postgres::migrate(conn, postgres::migrations(), in(30s)));
  }
};

instant shown(const clock_setting& c, instant real) {
  auto elapsed = static_cast<double>((real - c.real_anchor).count()) * c.scale;
  return c.platform_anchor + duration{std::llround(elapsed)};
}

}  // namespace

TEST_CASE("a cluster has the shards it was made with, and no other number is taken later") {
  own_cluster c;
  REQUIRE(c.store.ensure_shards(8));
  REQUIRE(c.store.ensure_shards(8));
  CHECK(c.database.number("select count(*) from cluster.shard where id between 0 and 7") == 8);
  CHECK(c.store.ensure_shards(16).error() == errc::invalid_argument);
  CHECK(c.database.number("select count(*) from cluster.shard") == 8);
}

TEST_CASE("no shards and too many shards are refused") {
  own_cluster c;
  CHECK(c.store.ensure_shards(0).error() == errc::invalid_argument);
  CHECK(c.store.ensure_shards(limits::shards + 1).error() == errc::invalid_argument);
  CHECK(c.store.ensure_shards(limits::shards).has_value());
}

TEST_CASE("a node that starts takes every shard with a higher epoch, and the one before is dead") {
  own_cluster c;
  REQUIRE(c.store.ensure_shards(8));
  auto a = node_id::make(real_now());
  auto b = node_id::make(real_now());
  auto first = c.store.take_all_shards(a, "http://a");
  auto second = c.store.take_all_shards(b, "http://b");
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(second->size() == 8);
  for (const auto& s : *first) CHECK(s.epoch == 1);
  for (const auto& s : *second) CHECK(s.epoch == 2);
  CHECK(c.database.number("select count(*) from cluster.shard where owner = '" + to_string(b) + "'") == 8);
  CHECK(c.database.number(
            "select count(*) from cluster.node where state = 'dead' and node_id = '" + to_string(a) + "'") == 1);
  CHECK(c.database.number("select view_version from cluster.cluster") == 2);
}

TEST_CASE("a node that starts waits for the locks of one that died a moment ago") {
  own_cluster c;
  REQUIRE(c.store.ensure_shards(8));
  auto dying = c.database.connect("-c idle_in_transaction_session_timeout=1500");
  REQUIRE(dying.execute("begin; update cluster.shard set position = position where id = 3", in(5s)));
  CHECK(c.store.take_all_shards(node_id::make(real_now()), "http://a").has_value());
}

TEST_CASE("the clock starts at real time") {
  own_cluster c;
  REQUIRE(c.store.ensure_shards(1));
  auto now = real_now();
  auto set = c.store.clock(60, now);
  REQUIRE(set);
  CHECK(set->real_anchor == now);
  CHECK(set->platform_anchor == now);
  CHECK(set->scale == 60);
}

TEST_CASE("the clock goes on over restarts, and without a jump when its speed changes") {
  own_cluster c;
  REQUIRE(c.store.ensure_shards(1));
  auto start = real_now();
  auto at_60 = c.store.clock(60, start);
  auto again = c.store.clock(60, start + 10s);
  REQUIRE(at_60);
  REQUIRE(again);
  CHECK(again->real_anchor == at_60->real_anchor);
  CHECK(again->platform_anchor == at_60->platform_anchor);

  auto at_1 = c.store.clock(1, start + 20s);
  REQUIRE(at_1);
  CHECK(shown(*at_1, start + 20s) == start + 1200s);
  CHECK(shown(*at_1, start + 30s) == start + 1210s);
  auto at_half = c.store.clock(0.5, start + 30s);
  REQUIRE(at_half);
  CHECK(shown(*at_half, start + 30s) == start + 1210s);
  CHECK(shown(*at_half, start + 40s) == start + 1215s);
}

TEST_CASE("a clock keeps its microseconds over a hundred days at a high speed") {
  own_cluster c;
  REQUIRE(c.store.ensure_shards(1));
  auto start = real_now();
  REQUIRE(c.store.clock(300, start));
  auto later = start + 24h * 100 + 1us;
  auto slowed = c.store.clock(1, later);
  REQUIRE(slowed);
  CHECK(slowed->platform_anchor == start + 300 * (24h * 100 + 1us));
}

TEST_CASE("a clock that stands still or runs backwards is refused") {
  own_cluster c;
  REQUIRE(c.store.ensure_shards(1));
  for (double scale : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK(c.store.clock(scale, real_now()).error() == errc::invalid_argument);
}

TEST_CASE("answers are forgotten by their age") {
  own_cluster c;
  auto add = [&](int n, const std::string& at) {
    c.database.execute("insert into messaging.idempotency select gen_random_uuid(), 'k', '00', '{}', '" + at +
                       "' from generate_series(1, " + std::to_string(n) + ")");
  };
  add(6000, "2026-01-01T00:00:00Z");
  add(3, "2026-01-02T00:00:01Z");
  instant before{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}.time_since_epoch() / 1us};
  CHECK(c.store.forget_answers(before) == 5000);
  CHECK(c.store.forget_answers(before) == 1000);
  CHECK(c.store.forget_answers(before) == 0);
  CHECK(c.database.number("select count(*) from messaging.idempotency") == 3);
}

TEST_CASE("a store that is not ready says why") {
  scratch_database empty;
  postgres::cluster store{empty.options(), {}};
  auto problem = store.problem();
  REQUIRE(problem);
  auto needed = std::to_string(postgres::migrations().back().number);
  CHECK(*problem == "the schema is at version 0, this program needs " + needed);
  own_cluster c;
  CHECK(c.store.problem() == std::nullopt);
  c.database.execute("insert into public.dabba_migration (number, name, sha256) values (999, 'later', 'x')");
  CHECK(c.store.problem() == "the schema is at version 999, this program needs " + needed);
  postgres::cluster nowhere{{"postgresql://nobody@127.0.0.1:1/none", "test", ""}, {}};
  CHECK(nowhere.problem() == "the database does not answer");
}

TEST_CASE("a connection that died while it was idle does not make a healthy database look away") {
  own_cluster c;
  CHECK(c.store.problem() == std::nullopt);
  c.database.execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and "
      "application_name = 'test' and pid <> pg_backend_pid()");
  CHECK(c.store.problem() == std::nullopt);
}

TEST_CASE("what PostgreSQL says is for the log, not for everybody who asks whether the node is ready") {
  own_cluster c;
  std::vector<std::string> reported;
  postgres::cluster store{c.database.options(), [&](const std::string& what) { reported.push_back(what); }};
  c.database.execute("alter table public.dabba_migration rename column sha256 to something");
  auto problem = store.problem();
  REQUIRE(problem);
  CHECK(problem->starts_with("the schema of version "));
  CHECK(problem->find("sha256") == std::string::npos);
  REQUIRE_FALSE(reported.empty());
  CHECK(reported.front().find("sha256") != std::string::npos);
}
