/// Redemptions in the journal's transactions: limits hold whoever writes at the same time, and losers are told.
#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/persistence/promotion_rows.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

promotion written(std::optional<std::int64_t> total, std::optional<std::int32_t> per_customer = {}) {
  postgres::promotions store{migrated_database().options("promotions"), {}};
  auto made = new_promotion(total, per_customer);
  REQUIRE(store.write(made));
  return made.what;
}

user_id new_customer() { return user_id::make(real_now()); }

append order_with(const owned_shard& shard, const promotion& what, user_id customer) {
  auto a = order_append(shard, order_id::make(real_now()), 1);
  a.redemptions = {redeems(what, {a.entity.id}, customer)};
  return a;
}

append ending_of(const owned_shard& shard, const append& placed, const promotion& what) {
  auto a = order_append(shard, {placed.entity.id}, 2);
  a.redemptions = {gives_back(what, {placed.entity.id}, placed.redemptions.front().customer)};
  return a;
}

struct tally {
  std::atomic<int> written{0};
  std::atomic<int> refused{0};
  std::atomic<int> others{0};

  void count(const result_of<appended>& answer, errc expected) {
    if (answer)
      ++written;
    else if (answer.error() == expected)
      ++refused;
    else
      ++others;
  }
};

std::int64_t journal_rows(const append& a) {
  return migrated_database().number(
      "select count(*) from ordering.journal where entity_id = '" + to_string(a.entity.id) + "'");
}

}  // namespace

TEST_CASE("of a thousand orders that want one of a hundred, on four writers at once, a hundred get it") {
  test_node node;
  auto what = written(100);
  tally all;
  std::vector<std::thread> writers;
  for (std::size_t w = 0; w < 4; ++w)
    writers.emplace_back([&, w] {
      auto writer = node.writer();
      // In groups of different sizes, as they come about.
      for (std::size_t done = 0; done < 250;) {
        std::vector<append> batch;
        for (std::size_t i = 0; i < 1 + (done * 7 + w) % 64 && done < 250; ++i, ++done)
          batch.push_back(order_with(node.shard(4 * i + w), what, new_customer()));
        for (const auto& answer : writer.write(batch)) all.count(answer, errc::promotion_used_up);
      }
    });
  for (auto& each : writers) each.join();
  CHECK(all.written == 100);
  CHECK(all.refused == 900);
  CHECK(all.others == 0);
  CHECK(active_redemptions(what) == 100);
  CHECK(left_of(what) == 0);
}

TEST_CASE("a limit of many rows holds as well, to the last one") {
  test_node node;
  auto what = written(2'000);
  tally all;
  std::vector<std::thread> writers;
  for (std::size_t w = 0; w < 4; ++w)
    writers.emplace_back([&, w] {
      auto writer = node.writer();
      for (int round = 0; round < 10; ++round) {
        std::vector<append> batch;
        for (std::size_t i = 0; i < 64; ++i) batch.push_back(order_with(node.shard(4 * i + w), what, new_customer()));
        for (const auto& answer : writer.write(batch)) all.count(answer, errc::promotion_used_up);
      }
    });
  for (auto& each : writers) each.join();
  CHECK(all.written == 2'000);
  CHECK(all.others == 0);
  CHECK(left_of(what) == 0);
}

TEST_CASE("who wants no promotion is written beside those who are refused one") {
  test_node node;
  auto writer = node.writer();
  auto what = written(1);
  std::vector<append> batch;
  for (std::size_t i = 0; i < 64; ++i)
    batch.push_back(i % 2 == 0 ? order_with(node.shard(i), what, new_customer())
                               : order_append(node.shard(i), order_id::make(real_now()), 1));
  auto answers = writer.write(batch);
  CHECK(answers[0].has_value());
  for (std::size_t i = 1; i < batch.size(); ++i) {
    INFO(i);
    CHECK(answers[i].has_value() == (i % 2 == 1));
    if (i % 2 == 0) CHECK(answers[i] == tl::unexpected{errc::promotion_used_up});
  }
  CHECK(journal_rows(batch[2]) == 0);
}

TEST_CASE("a customer uses a promotion as often as they may, in one batch, in several and at the same time") {
  test_node node;
  auto what = written({}, 2);
  auto customer = new_customer();
  auto someone = new_customer();
  SECTION("in one batch") {
    auto writer = node.writer();
    std::vector<append> batch;
    for (std::size_t i = 0; i < 5; ++i) batch.push_back(order_with(node.shard(i), what, customer));
    batch.push_back(order_with(node.shard(5), what, someone));
    auto answers = writer.write(batch);
    for (std::size_t i = 0; i < 5; ++i) CHECK(answers[i].has_value() == (i < 2));
    CHECK(answers[4] == tl::unexpected{errc::promotion_already_used});
    CHECK(answers[5].has_value());
  }
  SECTION("one after the other") {
    auto writer = node.writer();
    CHECK(write_one(writer, order_with(node.shard(0), what, customer)).has_value());
    CHECK(write_one(writer, order_with(node.shard(1), what, customer)).has_value());
    CHECK(write_one(writer, order_with(node.shard(2), what, customer)) == tl::unexpected{errc::promotion_already_used});
    CHECK(write_one(writer, order_with(node.shard(3), what, someone)).has_value());
  }
  SECTION("at the same time") {
    tally all;
    std::vector<std::thread> writers;
    for (std::size_t w = 0; w < 4; ++w)
      writers.emplace_back([&, w] {
        auto writer = node.writer();
        for (std::size_t i = 0; i < 5; ++i)
          all.count(write_one(writer, order_with(node.shard(4 * i + w), what, customer)), errc::promotion_already_used);
      });
    for (auto& each : writers) each.join();
    CHECK(all.written == 2);
    CHECK(all.others == 0);
    CHECK(active_redemptions(what) == 2);
  }
}

TEST_CASE("what an order gives back can be had again, once") {
  test_node node;
  auto writer = node.writer();
  auto what = written(1, 1);
  auto customer = new_customer();
  auto first = order_with(node.shard(0), what, customer);
  REQUIRE(write_one(writer, first));
  CHECK(write_one(writer, order_with(node.shard(1), what, new_customer())) == tl::unexpected{errc::promotion_used_up});
  auto end = ending_of(node.shard(0), first, what);
  REQUIRE(write_one(writer, end));
  CHECK(left_of(what) == 1);
  // The same command again, and another that believes it has something to give back.
  CHECK(write_one(writer, end).has_value());
  auto again = ending_of(node.shard(0), first, what);
  again.first_seq = 3;
  CHECK(write_one(writer, again).has_value());
  CHECK(left_of(what) == 1);
  CHECK(write_one(writer, order_with(node.shard(2), what, customer)).has_value());
  CHECK(left_of(what) == 0);
}

TEST_CASE("what is given back in a batch is there for another order of it") {
  test_node node;
  auto writer = node.writer();
  auto what = written(1, 1);
  auto customer = new_customer();
  auto first = order_with(node.shard(0), what, customer);
  REQUIRE(write_one(writer, first));
  std::vector batch{ending_of(node.shard(0), first, what), order_with(node.shard(1), what, customer)};
  for (const auto& answer : writer.write(batch)) CHECK(answer.has_value());
  CHECK(active_redemptions(what) == 1);
  CHECK(left_of(what) == 0);
}

TEST_CASE("an order that is refused for another reason takes nothing") {
  test_node node;
  auto writer = node.writer();
  auto what = written(10, 5);
  auto customer = new_customer();
  auto keyed = [&](const owned_shard& shard) {
    auto a = order_with(shard, what, customer);
    a.answer = idempotent_answer{customer, "POST /v1/orders/checkout k", "00ff", "{}"};
    return a;
  };
  REQUIRE(write_one(writer, keyed(node.shard(0))));
  CHECK(write_one(writer, keyed(node.shard(1))) == tl::unexpected{errc::idempotency_key_exists});
  CHECK(left_of(what) == 9);
  CHECK(active_redemptions(what) == 1);
}

TEST_CASE("an order may use a deal and a coupon, and both or none are taken") {
  test_node node;
  auto writer = node.writer();
  auto deal = written(5);
  auto coupon = written(1);
  auto both = [&](const owned_shard& shard) {
    auto a = order_with(shard, deal, new_customer());
    a.redemptions.push_back(redeems(coupon, {a.entity.id}, a.redemptions.front().customer));
    return a;
  };
  std::vector batch{both(node.shard(0)), both(node.shard(1)), order_with(node.shard(2), deal, new_customer())};
  auto answers = writer.write(batch);
  CHECK(answers[0].has_value());
  CHECK(answers[1] == tl::unexpected{errc::promotion_used_up});
  CHECK(answers[2].has_value());
  CHECK(left_of(deal) == 3);
  CHECK(left_of(coupon) == 0);
}

TEST_CASE("a row that somebody holds is passed over, so that a stuck transaction stops nobody") {
  test_node node;
  auto writer = node.writer();
  auto what = written(5'000);
  auto holder = migrated_database().connect();
  auto held = holder.execute("begin; select from promotion.allowance where part <> 3 and promotion_id = '" +
                                 to_string(what.id) + "' for update",
                             in(5s));
  REQUIRE(held);
  auto begun = std::chrono::steady_clock::now();
  auto placed = order_with(node.shard(0), what, new_customer());
  CHECK(write_one(writer, placed).has_value());
  CHECK(write_one(writer, ending_of(node.shard(0), placed, what)).has_value());
  CHECK(std::chrono::steady_clock::now() - begun < 900ms);  // a wait for the lock would have taken a second
  holder.roll_back(in(5s));
  CHECK(left_of(what) == 5'000);
}
