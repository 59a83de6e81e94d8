/// Nodes in the cluster's tables: how they join, renew their leases, drain, leave, and are declared dead.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <future>

#include "persistence/postgres/migrate.hpp"
#include "tests/persistence/member.hpp"
#include "tests/persistence/proxy.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

bool is_about_a_lease(duration left) { return left > cluster_terms::lease - 2s && left <= cluster_terms::lease; }

}  // namespace

TEST_CASE("a node that joins is there with what it said of itself and a fresh lease") {
  own_cluster c{4};
  auto version = c.version();
  member a{c};
  auto view = c.view();
  CHECK(view.version == version + 1);
  REQUIRE(view.nodes.size() == 1);
  const auto& row = view.nodes.front();
  CHECK(row.id == a.id);
  CHECK(row.host == "10.0.0.1");
  CHECK(row.cluster_port == 7100);
  CHECK(row.http_url == "http://10.0.0.1:8080");
  CHECK(row.protocol_version == 3);
  CHECK(row.state == node_state::joining);
  CHECK(view.now - row.started_at < 5s);
  CHECK(is_about_a_lease(row.lease_until - view.now));
  CHECK_FALSE(row.has_lost_lock);
  CHECK(row.unreachable.empty());
}

TEST_CASE("to join a second time changes nothing") {
  own_cluster c{4};
  running_member a{c};
  auto version = c.version();
  REQUIRE(a.store.join({a.id, "elsewhere", 1, "", 1}));
  CHECK(c.version() == version);
  CHECK(c.state(a.id) == node_state::up);
  CHECK(c.view().nodes.front().host == "10.0.0.1");
}

TEST_CASE("a cluster that nobody made yet has no view") {
  own_cluster c{0};
  member a{c};
  CHECK(c.store.view().error() == errc::internal);
  CHECK(a.store.renew(a.id, {}, 0).error() == errc::internal);
}

TEST_CASE("nodes come in the order of their ids") {
  own_cluster c{4};
  member a{c}, b{c}, d{c};
  auto nodes = c.view().nodes;
  CHECK(nodes.size() == 3);
  CHECK(std::ranges::is_sorted(nodes, {}, &node_row::id));
}

TEST_CASE("a renewal extends the lease, and tells everybody whom the node can't reach") {
  own_cluster c{4};
  member a{c}, b{c};
  c.end_lease(a.id);
  auto view = a.renew(0, {b.id});
  REQUIRE(view);
  auto found = std::ranges::find(view->nodes, a.id, &node_row::id);
  REQUIRE(found != view->nodes.end());
  CHECK(is_about_a_lease(found->lease_until - view->now));
  CHECK(found->unreachable == std::vector{b.id});
  auto seen = b.renew();
  REQUIRE(seen);
  CHECK(std::ranges::find(seen->nodes, a.id, &node_row::id)->unreachable == std::vector{b.id});
  REQUIRE(a.renew());
  CHECK(c.view().nodes.front().unreachable.empty());
  CHECK(c.view().nodes.back().unreachable.empty());
}

TEST_CASE("a renewal has the shards only when the version is another than the one known") {
  own_cluster c{4};
  running_member a{c};
  auto first = a.renew(0);
  REQUIRE(first);
  CHECK(first->shards.size() == 4);
  auto second = a.renew(first->version);
  REQUIRE(second);
  CHECK(second->version == first->version);
  CHECK(second->shards.empty());
  CHECK(second->nodes.size() == 1);
  a.take({1});
  auto third = a.renew(second->version);
  REQUIRE(third);
  CHECK(third->version == first->version + 1);
  REQUIRE(third->shards.size() == 4);
  CHECK(third->shards[1].owner == a.id);
  CHECK(third->shards[1].epoch == 1);
  CHECK(third->shards[0].owner == std::nullopt);
}

TEST_CASE("a dead node's renewal gives nothing and does not bring it back") {
  own_cluster c{4};
  running_member a{c}, b{c};
  c.end_lease(a.id);
  REQUIRE(b.does(declare_dead{a.id, death::lease_over, c.version()}));
  CHECK(a.renew() == std::nullopt);
  CHECK(c.state(a.id) == node_state::dead);
  CHECK(b.store.renew(node_id::make(real_now()), {}, 0).value() == std::nullopt);
}

TEST_CASE("a node comes up only if nothing has changed since it looked") {
  own_cluster c{4};
  member a{c}, b{c};
  auto seen = c.version();
  CHECK(a.does(come_up{seen}));
  CHECK_FALSE(b.does(come_up{seen}));
  CHECK(c.state(b.id) == node_state::joining);
  CHECK(b.does(come_up{c.version()}));
  CHECK(c.state(b.id) == node_state::up);
  CHECK_FALSE(b.does(come_up{c.version()}));
}

TEST_CASE("joining and running nodes can be drained, by themselves and by others that are alive") {
  own_cluster c{4};
  running_member a{c}, b{c};
  member d{c};
  CHECK(a.does(start_draining{a.id}));
  CHECK(c.state(a.id) == node_state::draining);
  CHECK_FALSE(b.does(start_draining{a.id}));
  CHECK(b.does(start_draining{d.id}));
  CHECK(c.state(d.id) == node_state::draining);
  CHECK_FALSE(d.does(come_up{c.version()}));
  c.kill(a.id);
  CHECK_FALSE(a.does(start_draining{b.id}));
  CHECK_FALSE(b.does(start_draining{a.id}));
  CHECK_FALSE(b.does(start_draining{node_id::make(real_now())}));
}

TEST_CASE("of two nodes that are drained at the same time one stays up, unless both are to go") {
  own_cluster c{4};
  running_member a{c}, b{c};
  member joining{c};
  CHECK(joining.does(start_draining{joining.id, false}));
  {
    auto drains_a = std::async(std::launch::async, [&] { return a.store.change(a.id, start_draining{a.id, false}); });
    auto by_b = b.store.change(b.id, start_draining{b.id, false});
    CHECK(drains_a.get().value() + by_b.value() == 1);
  }
  auto& last = c.state(a.id) == node_state::up ? a : b;
  CHECK(c.state(last.id) == node_state::up);
  CHECK_FALSE(last.does(start_draining{last.id, false}));
  CHECK(last.does(start_draining{last.id, true}));
}

TEST_CASE("what a node that leaves still owns can be taken over at once") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({2});
  auto claims = c.claims({2});
  CHECK_FALSE(b.does(take_over{claims}));
  CHECK(a.does(leave{}));
  CHECK(c.state(a.id) == node_state::dead);
  auto seen = b.store.view();
  REQUIRE(seen);
  for (const auto& node : seen->nodes) CHECK((node.id != a.id || node.lease_until <= seen->now));
  CHECK_FALSE(a.does(leave{}));
  CHECK(b.does(take_over{claims}));
}

TEST_CASE("a node is dead when its lease is over, and not before") {
  own_cluster c{4};
  running_member a{c}, b{c};
  CHECK_FALSE(a.does(declare_dead{b.id, death::lease_over, c.version()}));
  c.end_lease(b.id);
  CHECK_FALSE(a.does(declare_dead{b.id, death::lease_over, c.version() - 1}));
  CHECK(a.does(declare_dead{b.id, death::lease_over, c.version()}));
  CHECK(c.state(b.id) == node_state::dead);
  CHECK_FALSE(a.does(declare_dead{b.id, death::lease_over, c.version()}));
}

TEST_CASE("a node that is cut off is dead because others say so") {
  own_cluster c{4};
  running_member a{c}, b{c};
  CHECK_FALSE(a.does(declare_dead{b.id, death::cut_off, c.version() - 1}));
  CHECK(a.does(declare_dead{b.id, death::cut_off, c.version()}));
  CHECK(c.state(b.id) == node_state::dead);
}

TEST_CASE("nobody declares itself dead, and the dead declare nobody") {
  own_cluster c{4};
  running_member a{c}, b{c};
  CHECK_FALSE(a.does(declare_dead{a.id, death::cut_off, c.version()}));
  c.kill(b.id);
  CHECK_FALSE(b.does(declare_dead{a.id, death::cut_off, c.version()}));
  CHECK_FALSE(b.does(come_up{c.version()}));
  CHECK(c.state(a.id) == node_state::up);
}

TEST_CASE("of those who declare one node dead with one version, one does") {
  own_cluster c{4};
  running_member a{c}, b{c}, d{c};
  for (int round = 0; round < 30; ++round) {
    auto version = c.version();
    declare_dead verdict{d.id, death::cut_off, version};
    auto by_a = std::async(std::launch::async, [&] { return a.store.change(a.id, verdict); });
    auto by_b = b.store.change(b.id, verdict);
    auto of_a = by_a.get();
    REQUIRE(of_a);
    REQUIRE(by_b);
    CHECK(*of_a != *by_b);
    CHECK(c.version() == version + 1);
    c.database.execute("update cluster.node set state = 'up'");
  }
  CHECK(a.reports.empty());
  CHECK(b.reports.empty());
}

TEST_CASE("of two that declare each other dead, one lives") {
  own_cluster c{4};
  running_member a{c}, b{c};
  for (int round = 0; round < 30; ++round) {
    auto version = c.version();
    auto by_a = std::async(std::launch::async, [&] {
      return a.store.change(a.id, declare_dead{b.id, death::cut_off, version});
    });
    auto by_b = b.store.change(b.id, declare_dead{a.id, death::cut_off, version});
    CHECK(by_a.get().value() != by_b.value());
    CHECK(c.database.number("select count(*) from cluster.node where state = 'up'") == 1);
    c.database.execute("update cluster.node set state = 'up'");
  }
}

TEST_CASE("a dead node is seen for as long as it owns shards") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0});
  c.kill(a.id);
  CHECK(c.view().nodes.size() == 2);
  b.take({0});
  REQUIRE(c.view().nodes.size() == 1);
  CHECK(c.view().nodes.front().id == b.id);
}

TEST_CASE("nodes that have been dead for a day are forgotten, unless they own something") {
  own_cluster c{4};
  running_member old{c}, owner{c}, recent{c}, alive{c};
  owner.take({3});
  c.database.execute("update cluster.node set state = 'dead' where node_id <> '" + to_string(alive.id) + "'");
  c.database.execute("update cluster.node set lease_until = lease_until - interval '25 hours' where node_id <> '" +
                     to_string(recent.id) + "'");
  auto version = c.version();
  member fresh{c};
  CHECK(c.version() == version + 1);
  auto exists = [&](const member& m) {
    return c.database.number("select count(*) from cluster.node where node_id = '" + to_string(m.id) + "'") == 1;
  };
  CHECK_FALSE(exists(old));
  CHECK(exists(owner));
  CHECK(exists(recent));
  CHECK(exists(alive));
  CHECK(exists(fresh));
}

TEST_CASE("nodes of before there were several count as dead, and their shards can be taken") {
  scratch_database database;
  auto conn = database.connect();
  REQUIRE(postgres::migrate(conn, postgres::migrations().first(6), in(30s)));
  database.execute(
      "insert into cluster.cluster (shard_count, view_version) values (2, 7);"
      "insert into cluster.node (node_id, http_url, state, lease_until)"
      " values ('01900000-0000-7000-8000-000000000001', '', 'up', clock_timestamp() + interval '1 hour');"
      "insert into cluster.shard (id, owner, epoch)"
      " select i, '01900000-0000-7000-8000-000000000001', 5 from generate_series(0, 1) i");
  REQUIRE(postgres::migrate(conn, postgres::migrations(), in(30s)));
  postgres::cluster store{database.options(), {}};
  auto id = node_id::make(real_now());
  REQUIRE(store.join({id, "10.0.0.1", 7100, "", 1}));
  auto view = store.view();
  REQUIRE(view);
  CHECK(view->version == 9);
  REQUIRE(view->nodes.size() == 2);
  CHECK(view->nodes.front().state == node_state::dead);
  REQUIRE(store.change(id, come_up{view->version}).value());
  CHECK(store.change(id, take_over{{{{0}, 5}, {{1}, 5}}}).value());
  CHECK(store.view()->shards.front().owner == id);
}

TEST_CASE("a change whose answer was lost is made once, and is not denied") {
  own_cluster c{4};
  relay how{};
  SECTION("it was made") { how = relay::cut_after_answer; }
  SECTION("it was not made") { how = relay::cut; }
  proxy between{c.database.port(), once_at("make_up", [how] { return how; })};
  member a{c, {c.database.url_through(between.port()), "member", ""}};
  auto version = c.version();
  CHECK(a.store.change(a.id, come_up{version}) == true);
  CHECK(c.state(a.id) == node_state::up);
  CHECK(c.version() == version + 1);
  CHECK(a.reports.size() == 1);
}

TEST_CASE("a renewal goes on when its connection was lost while it was idle") {
  own_cluster c{4};
  member a{c};
  REQUIRE(a.renew());
  c.database.execute(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and "
      "application_name = 'member'");
  CHECK(a.renew());
}

TEST_CASE("without a database every call ends in time, and says that there is none") {
  auto took_too_long = [](auto call, duration limit) {
    postgres::cluster store{{"postgresql://nobody@127.0.0.1:1/none", "test", ""}, {}};
    auto start = std::chrono::steady_clock::now();
    CHECK(call(store).error() == errc::unavailable);
    return std::chrono::steady_clock::now() - start > limit + 500ms;
  };
  auto id = node_id::make(real_now());
  CHECK_FALSE(took_too_long([&](auto& s) { return s.renew(id, {}, 0); }, limits::store_patience));
  CHECK_FALSE(took_too_long([&](auto& s) { return s.take_lock(id); }, limits::store_patience));
  CHECK_FALSE(took_too_long([&](auto& s) { return s.clock(std::nullopt); }, limits::store_patience));
  CHECK_FALSE(
      took_too_long([&](auto& s) { return s.change(id, leave{}); }, limits::store_patience + limits::lock_patience));
}
