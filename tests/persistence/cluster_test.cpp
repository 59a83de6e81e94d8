/// What a cluster is made of: its shards and its clock; and whether the store is ready.
#include "persistence/postgres/cluster.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "persistence/postgres/migrate.hpp"
#include "tests/persistence/member.hpp"
#include "tests/persistence/proxy.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

instant shown(const clock_setting& c, instant real) {
  auto elapsed = static_cast<double>((real - c.real_anchor).count()) * c.scale;
  return c.platform_anchor + duration{std::llround(elapsed)};
}

}  // namespace

TEST_CASE("a cluster has the shards it was made with, and no other number is taken later") {
  own_cluster c{0};
  REQUIRE(c.store.ensure_shards(8));
  REQUIRE(c.store.ensure_shards(8));
  CHECK(c.database.number("select count(*) from cluster.shard where id between 0 and 7") == 8);
  CHECK(c.store.ensure_shards(16).error() == errc::invalid_argument);
  CHECK(c.database.number("select count(*) from cluster.shard") == 8);
}

TEST_CASE("no shards and too many shards are refused") {
  own_cluster c{0};
  CHECK(c.store.ensure_shards(0).error() == errc::invalid_argument);
  CHECK(c.store.ensure_shards(limits::shards + 1).error() == errc::invalid_argument);
  CHECK(c.store.ensure_shards(limits::shards).has_value());
}

TEST_CASE("how many shards there are is known once they were made") {
  own_cluster c{0};
  CHECK(c.store.shard_count().value() == std::nullopt);
  REQUIRE(c.store.ensure_shards(8));
  CHECK(c.store.shard_count().value() == 8);
}

TEST_CASE("the clock starts at real time, which is the database's") {
  own_cluster c{1};
  auto before = c.view().now;
  auto set = c.store.clock(60);
  auto after = c.view().now;
  REQUIRE(set);
  CHECK(set->real_anchor == set->platform_anchor);
  CHECK(set->real_anchor >= before);
  CHECK(set->real_now >= set->real_anchor);
  CHECK(set->real_now <= after);
  CHECK(set->scale == 60);
}

TEST_CASE("the clock goes on over restarts, and without a jump when its speed changes") {
  own_cluster c{1};
  auto at_60 = c.store.clock(60);
  auto again = c.store.clock(60);
  REQUIRE(at_60);
  REQUIRE(again);
  CHECK(again->real_anchor == at_60->real_anchor);
  CHECK(again->platform_anchor == at_60->platform_anchor);
  CHECK(again->real_now > at_60->real_now);

  auto at_1 = c.store.clock(1);
  REQUIRE(at_1);
  CHECK(at_1->real_anchor > at_60->real_anchor);
  CHECK(at_1->platform_anchor == shown(*at_60, at_1->real_anchor));
  auto at_half = c.store.clock(0.5);
  REQUIRE(at_half);
  CHECK(at_half->scale == 0.5);
  CHECK(at_half->platform_anchor == shown(*at_1, at_half->real_anchor));
}

TEST_CASE("the clock is read as exactly as the quickest of some answers allows") {
  own_cluster c{1};
  int asked = 0;
  proxy between{c.database.port(), [&asked](std::string_view piece) {
                  // All but one are under way for longer than a clock may be wrong.
                  if (piece.find(std::string_view{"\0get_clock\0", 11}) != std::string_view::npos && ++asked != 4)
                    std::this_thread::sleep_for(60ms);
                  return relay::pass;
                }};
  postgres::cluster far{{c.database.url_through(between.port()), "far", ""}, {}};
  auto from_afar = far.clock(60);
  auto from_near = c.store.clock(60);
  REQUIRE(from_afar);
  REQUIRE(from_near);
  auto now = std::chrono::steady_clock::now();
  auto at = [now](const clock_setting& x) {
    return x.real_now + std::chrono::duration_cast<duration>(now - x.read_at);
  };
  CHECK(at(*from_afar) - at(*from_near) < 15ms);
  CHECK(at(*from_near) - at(*from_afar) < 15ms);
  CHECK(asked > 4);
}

TEST_CASE("a database that is slow to answer keeps nobody who reads its clock for longer than the store's patience") {
  own_cluster c{1};
  proxy between{c.database.port(), [](std::string_view piece) {
                  if (piece.find(std::string_view{"\0get_clock\0", 11}) != std::string_view::npos)
                    std::this_thread::sleep_for(400ms);
                  return relay::pass;
                }};
  postgres::cluster far{{c.database.url_through(between.port()), "far", ""}, {}};
  auto began = std::chrono::steady_clock::now();
  CHECK(far.clock(60));  // less exactly
  CHECK(std::chrono::steady_clock::now() - began < limits::store_patience + 1s);
}

TEST_CASE("who asks for no speed gets the clock's own, and real time's when there is no clock yet") {
  own_cluster c{1};
  auto first = c.store.clock(std::nullopt);
  REQUIRE(first);
  CHECK(first->scale == 1);
  REQUIRE(c.store.clock(30));
  auto later = c.store.clock(std::nullopt);
  REQUIRE(later);
  CHECK(later->scale == 30);
}

TEST_CASE("a clock keeps its microseconds over a hundred days at a high speed") {
  own_cluster c{1};
  REQUIRE(c.store.clock(300));
  c.database.execute("update cluster.cluster set clock_real_anchor = clock_real_anchor - interval '100 days 1 us'");
  auto old = c.store.clock(300);
  auto slowed = c.store.clock(1);
  REQUIRE(old);
  REQUIRE(slowed);
  auto elapsed = slowed->real_anchor - old->real_anchor;
  CHECK(elapsed > 24h * 100);
  CHECK(slowed->platform_anchor == old->platform_anchor + 300 * elapsed);
}

TEST_CASE("a clock that stands still or runs backwards is refused") {
  own_cluster c{1};
  for (double scale : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK(c.store.clock(scale).error() == errc::invalid_argument);
}

TEST_CASE("answers are forgotten by their age") {
  own_cluster c{0};
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
  own_cluster c{0};
  CHECK(c.store.problem() == std::nullopt);
  // What a later program's migrations made still serves this one.
  c.database.execute("insert into public.dabba_migration (number, name, sha256) values (999, 'later', 'x')");
  CHECK(c.store.problem() == std::nullopt);
  postgres::cluster nowhere{{"postgresql://nobody@127.0.0.1:1/none", "test", ""}, {}};
  CHECK(nowhere.problem() == "the database does not answer");
}

TEST_CASE("a connection that died while it was idle does not make a healthy database look away") {
  own_cluster c{0};
  CHECK(c.store.problem() == std::nullopt);
  c.database.execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and "
      "application_name = 'test' and pid <> pg_backend_pid()");
  CHECK(c.store.problem() == std::nullopt);
}

TEST_CASE("what PostgreSQL says is for the log, not for everybody who asks whether the node is ready") {
  own_cluster c{0};
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

TEST_CASE("what no repetition can mend is tried once, and the statement that failed is named") {
  own_cluster c{1};
  std::vector<std::string> reported;
  postgres::cluster store{c.database.options(), [&](const std::string& what) { reported.push_back(what); }};
  c.database.execute("alter table cluster.node rename to node_elsewhere");
  auto name_of_first = [&] { return reported.at(0).substr(0, reported.at(0).find(':')); };

  CHECK(store.view().error() == errc::internal);
  REQUIRE(reported.size() == 1);
  CHECK(name_of_first() == "PostgreSQL did not do select_nodes");
  reported.clear();
  auto somebody = node_id::make(real_now());
  CHECK(store.change(somebody, start_draining{somebody}).error() == errc::internal);
  REQUIRE(reported.size() == 1);
  CHECK(name_of_first() == "PostgreSQL did not do make_draining");

  c.database.execute("alter table cluster.node_elsewhere rename to node");
  CHECK(store.view().has_value());
}
