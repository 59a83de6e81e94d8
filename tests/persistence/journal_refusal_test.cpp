/// The journal writer when PostgreSQL refuses for reasons of its own: what passes is waited for, and what does not is
/// nobody's but the one command's.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

// A bound of behaviour: far below the patience that a batch has when it is tried again as a whole.
constexpr auto promptly = limits::store_patience / 2;

const scratch_database& database() { return migrated_database(); }

std::int64_t events_of(const append& a) {
  return database().number("select count(*) from ordering.journal where entity_id = '" + to_string(a.entity.id) + "'");
}

/// What a trigger does where `condition` holds for its row.
struct snag {
  std::string condition;
  std::string action;
  std::string when = "before insert on ordering.journal";
};

std::string raise(const std::string& sqlstate) {
  return "raise exception 'refused by the test' using errcode = '" + sqlstate + "'";
}

/// A trigger that nobody told the writer of, dropped with this object.
class trigger {
 public:
  explicit trigger(const snag& what) {
    database().execute(
        "create sequence public.snags; create function public.snag() returns trigger language plpgsql as"
        " $$ begin if " +
        what.condition + " then " + what.action + "; end if; return new; end $$");
    bool deferred = what.when.starts_with("after");
    database().execute("create " + std::string{deferred ? "constraint " : ""} + "trigger snag " + what.when +
                       (deferred ? " initially deferred" : "") + " for each row execute function public.snag()");
  }
  ~trigger() {
    try {
      database().execute(
          "set client_min_messages = warning; drop function public.snag cascade; drop sequence public.snags");
    } catch (const std::exception& e) {
      FAIL_CHECK(e.what());
    }
  }
  trigger(const trigger&) = delete;
  trigger& operator=(const trigger&) = delete;
};

std::vector<append> orders(const test_node& node, std::size_t count) {
  std::vector<append> batch;
  for (std::size_t i = 0; i < count; ++i) batch.push_back(order_append(node.shard(i), order_id::make(real_now()), 1));
  return batch;
}

std::vector<append> made_before(std::vector<append> batch, std::chrono::milliseconds age) {
  for (auto& a : batch) a.since -= age;
  return batch;
}

/// In how many transactions they were written.
std::int64_t transactions_of(const std::vector<append>& batch) {
  std::string ids;
  for (const auto& a : batch) ids += (ids.empty() ? "'" : ",'") + to_string(a.entity.id) + "'";
  return database().number("select count(distinct xmin::text) from ordering.journal where entity_id in (" + ids + ")");
}

/// As `where` is what the trigger's table calls an entity.
std::string one_of(const std::vector<append>& batch, const std::vector<std::size_t>& which, const std::string& where) {
  std::string ids;
  for (auto i : which) ids += (ids.empty() ? "'" : ",'") + to_string(batch[i].entity.id) + "'";
  return "new." + where + " in (" + ids + ")";
}

void check_refused_alone(const test_node& node, const std::vector<append>& batch, const std::vector<std::size_t>& which,
                         errc why, const snag& what) {
  trigger refuses{what};
  auto writer = node.writer();
  auto begin = std::chrono::steady_clock::now();
  auto answers = writer.write(batch);
  CHECK(std::chrono::steady_clock::now() - begin < promptly);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    INFO(i);
    bool refused = std::ranges::find(which, i) != which.end();
    CHECK(answers[i].has_value() == !refused);
    if (refused) CHECK(answers[i] == tl::unexpected{why});
    if (refused) CHECK(events_of(batch[i]) == 0);
  }
}

}  // namespace

TEST_CASE("a command that the database refuses for a reason of its own fails alone and at once") {
  test_node node;
  auto batch = orders(node, limits::commands_per_batch);
  std::vector<std::size_t> which{0, 100, 101};
  auto condition = one_of(batch, which, "entity_id");
  SECTION("an exception") { check_refused_alone(node, batch, which, errc::internal, {condition, raise("P0001")}); }
  SECTION("an exception at COMMIT") {
    check_refused_alone(
        node, batch, which, errc::internal, {condition, raise("P0001"), "after insert on ordering.journal"});
  }
  SECTION("a statement that is wrong") {
    check_refused_alone(node, batch, which, errc::internal, {condition, "perform public.no_such_function()"});
  }
  SECTION("a right that is missing, for what all of a shard's commands do") {
    for (auto& a : batch) a.shard = node.shard(1).id, a.epoch = node.shard(1).epoch;
    for (auto i : which) batch[i].shard = node.shard(2).id, batch[i].epoch = node.shard(2).epoch;
    check_refused_alone(
        node, batch, which, errc::internal,
        {"new.id = " + std::to_string(node.shard(2).id.value), raise("42501"), "before update on cluster.shard"});
  }
  SECTION("a broken page") { check_refused_alone(node, batch, which, errc::internal, {condition, raise("XX001")}); }
  SECTION("a value that a check forbids") {
    check_refused_alone(node, batch, which, errc::invalid_argument, {condition, raise("23514")});
  }
}

TEST_CASE("a refusal that looks like a rival's doing, and never is explained, ends soon") {
  test_node node;
  auto batch = orders(node, 64);
  SECTION("a head that is not written") {
    check_refused_alone(node, batch, {20}, errc::internal,
                        {one_of(batch, {20}, "order_id"), "return null", "before insert on ordering.order_head"});
  }
  SECTION("a value that is not unique") {
    check_refused_alone(node, batch, {20}, errc::internal, {one_of(batch, {20}, "entity_id"), raise("23505")});
  }
}

TEST_CASE("a refusal that passes is waited for by the batch as a whole") {
  test_node node;
  auto writer = node.writer();
  for (const auto* state : {"40001", "40P01", "55P03", "53100", "57014", "25006"}) {
    INFO(state);
    auto batch = orders(node, 20);
    trigger refuses_thrice{{"nextval('public.snags') <= 3", raise(state)}};
    for (const auto& answer : writer.write(batch)) CHECK(answer.has_value());
    CHECK(transactions_of(batch) == 1);
  }
}

TEST_CASE("a command alone that is refused for a reason that passes is tried again") {
  test_node node;
  auto writer = node.writer();
  trigger refuses_thrice{{"nextval('public.snags') <= 3", raise("53100")}};
  CHECK(write_one(writer, orders(node, 1).front()).has_value());
}

TEST_CASE("commands that are old already don't wait for a database that can't write, but for a conflict they do") {
  test_node node;
  auto writer = node.writer();
  REQUIRE(write_one(writer, orders(node, 1).front()).has_value());
  auto old = made_before(orders(node, 20), 2 * limits::store_patience);
  auto begin = std::chrono::steady_clock::now();
  {
    trigger full{{"true", raise("53100")}};
    for (int i = 0; i < 10; ++i)
      for (const auto& answer : writer.write(old)) CHECK(answer == tl::unexpected{errc::unavailable});
  }
  CHECK(std::chrono::steady_clock::now() - begin < promptly);
  trigger rival{{"nextval('public.snags') <= 1", raise("40001")}};
  for (const auto& answer : writer.write(old)) CHECK(answer.has_value());
}
