/// How shards change their owners: each change, what it is refused for, and what it does when others are in its way.
#include <catch2/catch_test_macros.hpp>
#include <future>

#include "persistence/postgres/connection_names.hpp"
#include "tests/persistence/member.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

using steady = std::chrono::steady_clock;

std::vector<shard_claim> with_epoch(std::uint64_t epoch, std::vector<shard_claim> claims) {
  for (auto& claim : claims) claim.epoch = epoch;
  return claims;
}

/// A connection that has begun a write to a shard and went silent.
postgres::connection stuck_writer(const own_cluster& c, const std::string& name, std::uint16_t shard) {
  auto conn = postgres::connection::open(c.database.options(name), in(5s));
  REQUIRE(conn);
  REQUIRE(conn->execute(
      "begin; update cluster.shard set position = position + 1 where id = " + std::to_string(shard), in(5s)));
  return std::move(*conn);
}

bool closes_soon(postgres::connection& conn) {
  for (int i = 0; i < 200 && conn.is_open(); ++i) std::this_thread::sleep_for(10ms);
  return !conn.is_open();
}

}  // namespace

TEST_CASE("shards of nobody and of the dead are taken with a raised epoch") {
  own_cluster c{4};
  running_member a{c}, b{c};
  CHECK(a.does(take_over{c.claims({0, 1})}));
  CHECK(c.shard(0).owner == a.id);
  CHECK(c.shard(0).epoch == 1);
  CHECK(c.shard(2).owner == std::nullopt);
  c.kill(a.id);
  CHECK(b.does(take_over{c.all_claims()}));
  CHECK(c.shard(0).owner == b.id);
  CHECK(c.shard(0).epoch == 2);
  CHECK(c.shard(2).epoch == 1);
}

TEST_CASE("a shard of a node that the tables have forgotten is taken like a dead one's") {
  own_cluster c{2};
  running_member a{c};
  c.database.execute("update cluster.shard set owner = gen_random_uuid()");
  CHECK(a.does(take_over{c.all_claims()}));
  CHECK(c.shard(1).owner == a.id);
}

TEST_CASE("shards of the living are not taken over, whatever they are about to do") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0, 1});
  CHECK_FALSE(b.does(take_over{c.claims({0})}));
  CHECK(a.does(start_draining{a.id}));
  CHECK_FALSE(b.does(take_over{c.claims({0})}));
  c.end_lease(a.id);
  CHECK_FALSE(b.does(take_over{c.claims({0})}));
  CHECK_FALSE(b.does(take_over{{}}));
  CHECK(c.shard(0).owner == a.id);
}

TEST_CASE("of several claims those are honoured that are true") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0});
  CHECK(b.does(take_over{c.all_claims()}));
  CHECK(c.shard(0).owner == a.id);
  CHECK(c.shard(1).owner == b.id);
  c.kill(b.id);
  CHECK(a.does(take_over{{{{1}, 1}, {{2}, 0}}}));
  CHECK(c.shard(1).owner == a.id);
  CHECK(c.shard(2).owner == b.id);
}

TEST_CASE("only a node that is up takes shards") {
  own_cluster c{4};
  member joining{c};
  CHECK_FALSE(joining.does(take_over{c.all_claims()}));
  running_member owner{c}, a{c};
  owner.take({0, 1, 2});
  REQUIRE(a.does(ask_handoff{c.claims({0})}));
  SECTION("one that drains does not") { REQUIRE(a.does(start_draining{a.id})); }
  SECTION("one that was declared dead does not") { c.kill(a.id); }
  CHECK_FALSE(a.does(take_over{c.claims({3})}));
  CHECK_FALSE(a.does(ask_handoff{c.claims({1})}));
  CHECK_FALSE(a.does(force_handoff{c.claims({0})}));
  CHECK(c.shard(0).owner == owner.id);
  CHECK(c.shard(1).state == shard_state::owned);
}

TEST_CASE("a shard is handed over in two steps: the target asks, the owner gives") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0, 1});
  CHECK(b.does(ask_handoff{c.claims({1})}));
  auto asked = c.shard(1);
  CHECK(asked.owner == a.id);
  CHECK(asked.epoch == 1);
  CHECK(asked.state == shard_state::handoff);
  CHECK(asked.target == b.id);
  CHECK_FALSE(a.does(hand_over{c.claims({0})}));
  CHECK(a.does(hand_over{c.claims({1})}));
  auto given = c.shard(1);
  CHECK(given.owner == b.id);
  CHECK(given.epoch == 2);
  CHECK(given.state == shard_state::owned);
  CHECK(given.target == std::nullopt);
}

TEST_CASE("a shard is asked of an owner that runs, once") {
  own_cluster c{4};
  running_member a{c}, b{c}, d{c};
  a.take({0, 1});
  CHECK_FALSE(b.does(ask_handoff{c.claims({2})}));
  CHECK_FALSE(a.does(ask_handoff{c.claims({0})}));
  CHECK_FALSE(b.does(ask_handoff{with_epoch(7, c.claims({0}))}));
  REQUIRE(b.does(ask_handoff{c.claims({0})}));
  CHECK_FALSE(d.does(ask_handoff{c.claims({0})}));
  CHECK_FALSE(b.does(ask_handoff{c.claims({0})}));
  CHECK(c.shard(0).target == b.id);
  REQUIRE(a.does(start_draining{a.id}));
  CHECK(d.does(ask_handoff{c.claims({1})}));
  c.database.execute("update cluster.shard set state = 'owned', target = null");
  c.kill(a.id);
  CHECK_FALSE(b.does(ask_handoff{c.claims({0})}));
}

TEST_CASE("only its owner hands a shard over, and only to a target that is up") {
  own_cluster c{4};
  running_member a{c}, b{c}, d{c};
  a.take({0});
  REQUIRE(b.does(ask_handoff{c.claims({0})}));
  CHECK_FALSE(b.does(hand_over{c.claims({0})}));
  CHECK_FALSE(d.does(hand_over{c.claims({0})}));
  CHECK_FALSE(a.does(hand_over{with_epoch(0, c.claims({0}))}));
  SECTION("the target drains") { REQUIRE(b.does(start_draining{b.id})); }
  SECTION("the target is dead") { c.kill(b.id); }
  SECTION("the owner is dead") { c.kill(a.id); }
  CHECK_FALSE(a.does(hand_over{c.claims({0})}));
  CHECK(c.shard(0).owner == a.id);
}

TEST_CASE("a draining node hands its shards over") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0});
  REQUIRE(a.does(start_draining{a.id}));
  REQUIRE(b.does(ask_handoff{c.claims({0})}));
  CHECK(a.does(hand_over{c.claims({0})}));
  CHECK(c.shard(0).owner == b.id);
  CHECK(a.does(leave{}));
}

TEST_CASE("who asked for a shard may take it by force, and nobody else") {
  own_cluster c{4};
  running_member a{c}, b{c}, d{c};
  a.take({0, 1});
  REQUIRE(b.does(ask_handoff{c.claims({0})}));
  CHECK_FALSE(d.does(force_handoff{c.claims({0})}));
  CHECK_FALSE(b.does(force_handoff{c.claims({1})}));
  CHECK_FALSE(b.does(force_handoff{with_epoch(0, c.claims({0}))}));
  CHECK(b.does(force_handoff{c.claims({0})}));
  CHECK(c.shard(0).owner == b.id);
  CHECK(c.shard(0).epoch == 2);
  CHECK(c.shard(0).state == shard_state::owned);
  CHECK(c.shard(0).target == std::nullopt);
  CHECK_FALSE(a.does(hand_over{with_epoch(1, c.claims({0}))}));
}

TEST_CASE("an owner keeps shards whose target is gone") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0, 1});
  REQUIRE(b.does(ask_handoff{c.claims({0})}));
  CHECK_FALSE(a.does(keep_shards{c.claims({0})}));
  c.kill(b.id);
  CHECK_FALSE(a.does(keep_shards{c.claims({1})}));
  CHECK_FALSE(b.does(keep_shards{c.claims({0})}));
  CHECK_FALSE(a.does(keep_shards{with_epoch(0, c.claims({0}))}));
  c.kill(a.id);
  CHECK_FALSE(a.does(keep_shards{c.claims({0})}));
  c.revive(a.id);
  auto asked = c.claims({0});
  CHECK(a.does(keep_shards{asked}));
  CHECK(c.shard(0).owner == a.id);
  CHECK(c.shard(0).epoch == 2);
  CHECK(c.shard(0).state == shard_state::owned);
  CHECK(c.shard(0).target == std::nullopt);
}

TEST_CASE("a handover that comes late does not take effect after the shard was kept and asked for anew") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0});
  REQUIRE(b.does(ask_handoff{c.claims({0})}));
  auto late = hand_over{c.claims({0})};
  REQUIRE(b.does(start_draining{b.id}));
  REQUIRE(a.does(keep_shards{c.claims({0})}));
  running_member d{c};
  REQUIRE(d.does(ask_handoff{c.claims({0})}));
  CHECK_FALSE(a.does(late));
  CHECK(c.shard(0).owner == a.id);
}

TEST_CASE("a node takes a shard of its own again, until it belongs to another or is to") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0});
  auto version = c.version();
  auto again = a.store.retake(a.id, {0});
  REQUIRE(again);
  REQUIRE(*again);
  CHECK((*again)->id == shard_id{0});
  CHECK((*again)->epoch == 2);
  CHECK(c.version() == version + 1);
  CHECK(b.store.retake(b.id, {0}).value() == std::nullopt);
  CHECK(a.store.retake(a.id, {1}).value() == std::nullopt);
  REQUIRE(b.does(ask_handoff{c.claims({0})}));
  CHECK(a.store.retake(a.id, {0}).value() == std::nullopt);
  c.database.execute("update cluster.shard set state = 'owned', target = null");
  c.kill(a.id);
  CHECK(a.store.retake(a.id, {0}).value() == std::nullopt);
  CHECK(c.shard(0).epoch == 2);
  CHECK(c.version() == version + 2);
}

TEST_CASE("of two that take one shard, one gets it") {
  own_cluster c{4};
  running_member a{c}, b{c};
  for (int round = 0; round < 30; ++round) {
    auto version = c.version();
    take_over one{c.claims({2})};
    auto by_a = std::async(std::launch::async, [&] { return a.store.change(a.id, one); });
    auto by_b = b.store.change(b.id, one);
    CHECK(by_a.get().value() != by_b.value());
    CHECK(c.shard(2).epoch == one.shards.front().epoch + 1);
    CHECK(c.version() == version + 1);
    c.database.execute("update cluster.shard set owner = null");
  }
}

TEST_CASE("a node that is declared dead while it takes shards has none afterwards, or they can be taken from it") {
  own_cluster c{8};
  running_member a{c}, b{c};
  for (int round = 0; round < 30; ++round) {
    auto version = c.version();
    take_over all{c.all_claims()};
    auto taking = std::async(std::launch::async, [&] { return a.store.change(a.id, all); });
    auto died = b.store.change(b.id, declare_dead{a.id, death::cut_off, version}).value();
    // The version of one of them was there first, and the other saw it.
    CHECK(taking.get().value() != died);
    c.database.execute("update cluster.node set state = 'up'; update cluster.shard set owner = null");
  }
}

TEST_CASE("an owner that lost a shard writes nothing to it any more") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0, 1});
  postgres::journal_store writer{a.id, c.database.options("writer"), {}};
  writer.own({0}, 1);
  writer.own({1}, 1);
  owned_shard lost{{0}, 1};
  REQUIRE(write_one(writer, order_append(lost, order_id::make(real_now()), 1)));
  c.kill(a.id);
  b.take({0});
  CHECK(write_one(writer, order_append(lost, order_id::make(real_now()), 1)).error() == errc::moved);
  CHECK(write_one(writer, order_append({{1}, 1}, order_id::make(real_now()), 1)).has_value());
  CHECK(c.database.number("select count(*) from ordering.journal") == 2);
}

TEST_CASE("an owner that stopped in the middle of a write does not keep its shards for long") {
  own_cluster c{4};
  running_member a{c}, b{c}, other{c};
  a.take({0, 1, 2});
  cluster_change change;
  SECTION("when it is dead") {
    c.kill(a.id);
    change = take_over{c.claims({0, 1, 2})};
  }
  SECTION("when it was asked for them") {
    REQUIRE(b.does(ask_handoff{c.claims({0, 2})}));
    change = force_handoff{c.claims({0, 2})};
  }
  auto stuck = stuck_writer(c, postgres::journal_connection_name(a.id), 2);
  auto idle = postgres::connection::open(c.database.options(postgres::journal_connection_name(a.id)), in(5s));
  auto others = stuck_writer(c, postgres::journal_connection_name(other.id), 3);
  REQUIRE(idle);
  auto start = steady::now();
  CHECK(b.does(change));
  CHECK(steady::now() - start < limits::lock_patience + 600ms);
  CHECK(c.shard(2).owner == b.id);
  CHECK(closes_soon(stuck));
  CHECK(idle->is_open());
  CHECK(others.is_open());
}

TEST_CASE("a shard that somebody else keeps locked is left for the next time") {
  own_cluster c{4};
  running_member a{c}, b{c};
  a.take({0, 1});
  auto stuck = stuck_writer(c, "somebody", 1);
  cluster_change change = ask_handoff{c.claims({0, 1})};
  auto limit = limits::lock_patience;
  SECTION("a change that may end no connection returns at once") {}
  SECTION("one that may tries once more") {
    c.kill(a.id);
    change = take_over{c.claims({0, 1})};
    limit *= 2;
  }
  auto start = steady::now();
  CHECK_FALSE(b.does(change));
  CHECK(steady::now() - start < limit + 500ms);
  CHECK(stuck.is_open());
  stuck.close();
  CHECK(b.does(change));
}

TEST_CASE("changes and the journal never wait for each other in a circle") {
  own_cluster c{16};
  running_member a{c}, b{c};
  REQUIRE(a.does(take_over{c.all_claims()}));
  std::atomic<bool> stop{false};
  std::vector<std::string> reports;
  auto writing = std::async(std::launch::async, [&] {
    postgres::journal_store writer{
        a.id, c.database.options("writer"), [&](const std::string& what) { reports.push_back(what); }};
    postgres::cluster observer{c.database.options("observer"), {}};
    std::size_t written = 0;
    while (!stop) {
      auto seen = observer.view();
      if (!seen) continue;
      std::vector<append> batch;
      for (std::uint16_t i = 16; i-- > 0;) {
        auto epoch = seen->shards[i].epoch;
        writer.own({i}, epoch);
        batch.push_back(order_append({{i}, epoch}, order_id::make(real_now()), 1));
      }
      for (const auto& answer : writer.write(batch)) written += answer ? 1 : 0;
    }
    return written;
  });
  // Asked for and kept, the shards change their epochs, and now and then the writer has the present ones.
  auto claims = c.all_claims();
  auto act = [&](member& m, cluster_change change) {
    for (int i = 0; i < 60; ++i) (void)m.store.change(m.id, change).value();
  };
  auto asking = std::async(std::launch::async, [&] { act(b, ask_handoff{{claims.rbegin(), claims.rend()}}); });
  for (int i = 0; i < 60; ++i) {
    (void)a.store.renew(a.id, {}, 0).value();
    (void)a.store.change(a.id, start_draining{b.id}).value();
    if (i % 6 == 0) (void)a.store.change(a.id, keep_shards{c.all_claims()}).value();
    c.database.execute("update cluster.node set state = 'up'");
  }
  asking.get();
  stop = true;
  CHECK(writing.get() > 0);
  CHECK(reports.empty());
  CHECK(a.reports.empty());
  CHECK(b.reports.empty());
}
