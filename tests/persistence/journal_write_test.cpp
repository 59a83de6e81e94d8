/// The journal writer while PostgreSQL is well: what is written, what is refused, and that one command's refusal is
/// nobody else's.
#include <catch2/catch_test_macros.hpp>
#include <random>
#include <thread>

#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

const scratch_database& database() { return migrated_database(); }

order_id new_order() { return order_id::make(real_now()); }
partner_id new_partner() { return partner_id::make(real_now()); }

std::int64_t events_of(const uuid& entity) {
  return database().number("select count(*) from ordering.journal where entity_id = '" + to_string(entity) + "'");
}

append with_answer(append a, user_id caller, const std::string& key) {
  a.answer = idempotent_answer{caller, key, "00ff", R"({"ok":true})"};
  return a;
}

std::uint64_t last_position(const owned_shard& shard) {
  return static_cast<std::uint64_t>(
      database().number("select position from cluster.shard where id = " + std::to_string(shard.id.value)));
}

}  // namespace

TEST_CASE("positions of a shard are consecutive over batches and commands of several events") {
  test_node node;
  auto writer = node.writer();
  const auto& a = node.shard(0);
  const auto& b = node.shard(1);
  auto next_a = last_position(a) + 1;
  auto next_b = last_position(b) + 1;
  for (int round = 0; round < 5; ++round) {
    std::vector batch{
        order_append(a, new_order(), 1, 3), order_append(b, new_order(), 1, 1), order_append(a, new_order(), 1, 1),
        order_append(b, new_order(), 1, 8), order_append(a, new_order(), 1, 2)};
    auto answers = writer.write(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      auto& next = batch[i].shard == a.id ? next_a : next_b;
      REQUIRE(answers[i]);
      CHECK(answers[i]->first_position == next);
      next += batch[i].events.size();
    }
  }
  auto shard = std::to_string(a.id.value);
  CHECK(database().number("select max(position) - count(*) from ordering.journal where shard = " + shard) == 0);
  CHECK(database().number("select max(j.position) - s.position from ordering.journal j join cluster.shard s"
                          " on s.id = j.shard where s.id = " +
                          shard + " group by s.position") == 0);
}

TEST_CASE("a shard taken over by another node is moved, and the rest of the batch is written") {
  test_node node;
  auto writer = node.writer();
  const auto& lost = node.shard(2);
  const auto& kept = node.shard(3);
  database().execute("update cluster.shard set epoch = epoch + 1, owner = gen_random_uuid() where id = " +
                     std::to_string(lost.id.value));
  auto x = new_order();
  auto y = new_order();
  std::vector batch{order_append(lost, x, 1), order_append(kept, y, 1), order_append(lost, new_order(), 1)};
  auto answers = writer.write(batch);
  CHECK(answers[0].error() == errc::moved);
  CHECK(answers[1].has_value());
  CHECK(answers[2].error() == errc::moved);
  CHECK(events_of(x.value) == 0);
  CHECK(events_of(y.value) == 1);
}

TEST_CASE("another epoch alone fences, and so does another owner alone") {
  test_node node;
  auto writer = node.writer();
  const auto& shard = node.shard(2);
  std::string change;
  SECTION("epoch") { change = "epoch = epoch + 1"; }
  SECTION("owner") { change = "owner = gen_random_uuid()"; }
  SECTION("nobody") { change = "owner = null"; }
  database().execute("update cluster.shard set " + change + " where id = " + std::to_string(shard.id.value));
  CHECK(write_one(writer, order_append(shard, new_order(), 1)).error() == errc::moved);
}

TEST_CASE("only shards that are owned, with the epoch the command was made under, are written") {
  test_node node;
  auto writer = node.writer();
  auto shard = node.shard(4);
  auto older = shard;
  older.epoch -= 1;
  CHECK(write_one(writer, order_append(older, new_order(), 1)).error() == errc::moved);
  writer.disown(shard.id);
  CHECK(write_one(writer, order_append(shard, new_order(), 1)).error() == errc::moved);
  writer.own(shard.id, shard.epoch);
  CHECK(write_one(writer, order_append(shard, new_order(), 1)).has_value());
}

TEST_CASE("a command for another version than the head's is stale") {
  test_node node;
  auto writer = node.writer();
  const auto& shard = node.shard(0);
  auto x = new_order();
  CHECK(write_one(writer, order_append(shard, x, 2)).error() == errc::stale_version);
  REQUIRE(write_one(writer, order_append(shard, x, 1, 2)));
  CHECK(write_one(writer, order_append(shard, x, 1)).error() == errc::stale_version);
  CHECK(write_one(writer, order_append(shard, x, 2)).error() == errc::stale_version);
  CHECK(write_one(writer, order_append(shard, x, 4)).error() == errc::stale_version);
  CHECK(write_one(writer, order_append(shard, x, 3)).has_value());
  CHECK(events_of(x.value) == 3);

  auto p = new_partner();
  CHECK(write_one(writer, partner_append(shard, p, 2)).error() == errc::stale_version);
  REQUIRE(write_one(writer, partner_append(shard, p, 1)));
  CHECK(write_one(writer, partner_append(shard, p, 1)).error() == errc::stale_version);
}

TEST_CASE("a command that the journal has already is answered as a repeat, with its first position") {
  test_node node;
  auto writer = node.writer();
  auto a = order_append(node.shard(0), new_order(), 1, 2);
  auto first = write_one(writer, a);
  REQUIRE(first);
  CHECK_FALSE(first->repeat_of);
  REQUIRE(write_one(writer, order_append(node.shard(0), new_order(), 1)));
  // By an actor that has gone on since, and by one that knows of nothing.
  for (std::uint64_t first_seq : {3, 1}) {
    a.first_seq = first_seq;
    auto again = write_one(writer, a);
    REQUIRE(again);
    CHECK(again->first_position == first->first_position);
    CHECK(again->repeat_of == 1);
  }
  CHECK(events_of(a.entity.id) == 2);
}

TEST_CASE("commands of one entity in one batch are written in their order") {
  test_node node;
  auto writer = node.writer();
  auto x = new_order();
  std::vector batch{
      order_append(node.shard(0), x, 1), order_append(node.shard(0), x, 2, 2), order_append(node.shard(0), x, 4)};
  batch.push_back(batch[1]);
  auto answers = writer.write(batch);
  for (const auto& a : answers) CHECK(a.has_value());
  CHECK(answers[3]->first_position == answers[1]->first_position);
  CHECK(events_of(x.value) == 4);
}

TEST_CASE("of two partners who begin to carry one order, in two batches or in one, the second is refused") {
  test_node node;
  auto writer = node.writer();
  const auto& shard = node.shard(0);
  for (bool together : {true, false}) {
    auto order = new_order();
    auto winner = partner_append(shard, new_partner(), 1);
    auto loser = partner_append(shard, new_partner(), 1);
    winner.assignments = {begins(order, {winner.entity.id}, 0)};
    loser.assignments = {begins(order, {loser.entity.id}, 0)};
    std::vector<result_of<appended>> answers;
    if (together)
      answers = writer.write(std::vector{winner, loser});
    else
      answers = {write_one(writer, winner), write_one(writer, loser)};
    CHECK(answers[0].has_value());
    REQUIRE(!answers[1]);
    CHECK(answers[1].error() == errc::offer_no_longer_available);
    CHECK(events_of(loser.entity.id) == 0);
    CHECK(database().number(
              "select count(*) from delivery.assignment where active and order_id = '" + to_string(order) + "'") == 1);
  }
}

TEST_CASE("a slot holds one order until it is given back") {
  test_node node;
  auto writer = node.writer();
  const auto& shard = node.shard(0);
  auto p = new_partner();
  auto x = new_order();
  auto y = new_order();
  auto first = order_append(shard, x, 1);
  first.assignments = {begins(x, p, 3)};
  REQUIRE(write_one(writer, first));
  auto second = order_append(shard, y, 1);
  second.assignments = {begins(y, p, 3)};
  CHECK(write_one(writer, second).error() == errc::partner_at_capacity);
  auto elsewhere = order_append(shard, y, 1);
  elsewhere.assignments = {begins(y, p, 4)};
  CHECK(write_one(writer, elsewhere).has_value());
  auto swapped = order_append(shard, x, 2);
  swapped.assignments = {ends(x, p, 3)};
  auto next = order_append(shard, new_order(), 1);
  next.assignments = {begins({next.entity.id}, p, 3)};
  for (const auto& a : writer.write(std::vector{swapped, next})) CHECK(a.has_value());
  CHECK(database().number(
            "select count(*) from delivery.assignment where active and partner_id = '" + to_string(p) + "'") == 2);
  CHECK(database().number("select count(*) from delivery.assignment where not active and ended_at is not null"
                          " and order_id = '" +
                          to_string(x) + "'") == 1);
}

TEST_CASE("what one command of a batch begins, a later one can end") {
  test_node node;
  auto writer = node.writer();
  auto p = new_partner();
  auto begin = order_append(node.shard(0), new_order(), 1);
  begin.assignments = {begins({begin.entity.id}, p, 0)};
  auto end = partner_append(node.shard(1), p, 1);
  end.assignments = {ends({begin.entity.id}, p, 0)};
  for (const auto& a : writer.write(std::vector{begin, end})) CHECK(a.has_value());
  CHECK(database().number(
            "select count(*) from delivery.assignment where active and partner_id = '" + to_string(p) + "'") == 0);
}

TEST_CASE("a licence number belongs to one restaurant") {
  test_node node;
  auto writer = node.writer();
  const auto& shard = node.shard(0);
  auto mine = restaurant_id::make(real_now());
  auto licence = "L-" + to_string(mine);
  CHECK(write_one(writer, restaurant_append(shard, mine, 1, licence)).has_value());
  CHECK(write_one(writer, restaurant_append(shard, mine, 2, licence)).has_value());
  auto copy = write_one(writer, restaurant_append(shard, restaurant_id::make(real_now()), 1, licence));
  CHECK(copy.error() == errc::licence_number_taken);
}

TEST_CASE("an idempotency key has one effect per caller") {
  test_node node;
  auto writer = node.writer();
  const auto& shard = node.shard(0);
  auto caller = user_id::make(real_now());
  auto other = user_id::make(real_now());
  auto second = new_order();
  CHECK(write_one(writer, with_answer(order_append(shard, new_order(), 1), caller, "POST /x k")).has_value());
  auto refused = write_one(writer, with_answer(order_append(shard, second, 1), caller, "POST /x k"));
  CHECK(refused.error() == errc::idempotency_key_exists);
  CHECK(events_of(second.value) == 0);
  CHECK(write_one(writer, with_answer(order_append(shard, second, 1), other, "POST /x k")).has_value());
}

TEST_CASE("fifty requests with one idempotency key in one batch have one effect") {
  test_node node;
  auto writer = node.writer();
  auto caller = user_id::make(real_now());
  std::vector<append> batch;
  for (std::size_t i = 0; i < 50; ++i)
    batch.push_back(with_answer(order_append(node.shard(i), new_order(), 1), caller, "POST /x same"));
  auto answers = writer.write(batch);
  CHECK(answers.front().has_value());
  for (std::size_t i = 1; i < answers.size(); ++i) CHECK(answers[i] == tl::unexpected{errc::idempotency_key_exists});
}

TEST_CASE("one bad command in a batch of 256 is refused alone") {
  test_node node;
  auto writer = node.writer();
  std::vector<append> batch;
  for (std::size_t i = 0; i < 256; ++i) batch.push_back(order_append(node.shard(i), new_order(), 1));
  SECTION("of a stale version") { batch[100] = order_append(node.shard(0), new_order(), 7); }
  SECTION("with a state that is no JSON") { batch[100].state = "{"; }
  SECTION("with a text that is no UTF-8") { batch[100].events[0].type = "\xC3"; }
  SECTION("without events") { batch[100].events.clear(); }
  auto answers = writer.write(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    INFO(i);
    CHECK(answers[i].has_value() == (i != 100));
  }
  CHECK((answers[100].error() == errc::stale_version || answers[100].error() == errc::invalid_argument));
  CHECK(events_of(batch[100].entity.id) == 0);
}

TEST_CASE("text that JSON writes as an escaped zero is kept") {
  test_node node;
  auto writer = node.writer();
  auto a = order_append(node.shard(0), new_order(), 1);
  a.state = R"({"note":"a\u0000b"})";
  CHECK(write_one(writer, a).has_value());
}

TEST_CASE("an empty batch is nothing") {
  test_node node;
  auto writer = node.writer();
  CHECK(writer.write({}).empty());
}

TEST_CASE("writers of different shards write at the same time") {
  test_node node;
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      auto writer = node.writer();
      for (int round = 0; round < 20; ++round) {
        std::vector<append> batch;
        for (std::size_t i = 0; i < 32; ++i) batch.push_back(order_append(node.shard(4 * i + t), new_order(), 1));
        for (const auto& a : writer.write(batch)) refused += a ? 0 : 1;
      }
    });
  for (auto& t : threads) t.join();
  CHECK(refused == 0);
}

TEST_CASE("shards can be taken over while batches are being written, and nothing is written after") {
  test_node old;
  std::atomic<bool> stop{false};
  std::thread load{[&] {
    auto writer = old.writer();
    while (!stop) {
      std::vector<append> batch;
      for (std::size_t i = 0; i < 64; ++i) batch.push_back(order_append(old.shard(i), new_order(), 1));
      auto answers = writer.write(batch);
      if (answers.front() == tl::unexpected{errc::moved}) break;
    }
  }};
  std::this_thread::sleep_for(100ms);
  test_node fresh;
  std::vector<std::uint64_t> taken_at;
  for (const auto& s : fresh.shards) taken_at.push_back(last_position(s));
  stop = true;
  load.join();
  for (std::size_t i = 0; i < fresh.shards.size(); ++i) {
    auto id = std::to_string(fresh.shards[i].id.value);
    INFO(id);
    CHECK(database().number("select coalesce(max(position), 0) from ordering.journal where shard = " + id) ==
          static_cast<std::int64_t>(taken_at[i]));
    CHECK(database().number("select coalesce(max(epoch), 0) from ordering.journal where shard = " + id) <
          static_cast<std::int64_t>(fresh.shards[i].epoch));
  }
}

TEST_CASE("whatever is appended in whatever order, heads are at their last event and sequences have no gap") {
  test_node node;
  auto writer = node.writer();
  std::mt19937 random{20240607};
  auto below = [&random](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random); };
  std::vector<order_id> orders;
  std::vector<std::uint64_t> versions(40, 0);
  for (std::size_t i = 0; i < versions.size(); ++i) orders.push_back(new_order());
  for (int round = 0; round < 60; ++round) {
    std::vector<append> batch;
    std::vector<std::size_t> of;
    for (std::size_t i = 1 + below(30); i > 0; --i) {
      auto o = below(orders.size());
      // One in five is made from an old or an impossible version.
      auto seq = below(5) == 0 ? below(12) + 1 : versions[o] + 1;
      of.push_back(o);
      batch.push_back(order_append(node.shard(o), orders[o], seq, 1 + below(3)));
      if (below(10) == 0) {
        of.push_back(o);
        batch.push_back(batch.back());
      }
    }
    auto answers = writer.write(batch);
    std::map<command_id, bool> seen;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      bool right_version = batch[i].first_seq == versions[of[i]] + 1;
      bool repeat = seen[batch[i].command];
      REQUIRE(answers[i].has_value() == (right_version || repeat));
      if (answers[i] && !repeat) {
        versions[of[i]] += batch[i].events.size();
        seen[batch[i].command] = true;
      }
    }
  }
  for (std::size_t o = 0; o < orders.size(); ++o) {
    auto id = "'" + to_string(orders[o]) + "'";
    auto version = static_cast<std::int64_t>(versions[o]);
    CHECK(database().number("select coalesce(max(version), 0) from ordering.order_head where order_id = " + id) ==
          version);
    CHECK(database().number("select coalesce(max(seq), 0) from ordering.journal where entity_id = " + id) == version);
    CHECK(events_of(orders[o].value) == version);
  }
}
