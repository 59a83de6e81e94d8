/// Definitions of promotions: versions, codes, deals, limits that change.
#include <catch2/catch_test_macros.hpp>

#include "protocols/model/limits.hpp"
#include "tests/persistence/promotion_rows.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

postgres::promotions open_store() { return {migrated_database().options("promotions"), {}}; }

std::int64_t parts_of(const promotion& x) {
  return migrated_database().number(
      "select count(*) from promotion.allowance where promotion_id = '" + to_string(x.id) + "'");
}

}  // namespace

TEST_CASE("a promotion is found by its id and its code, as it was written last") {
  auto store = open_store();
  auto made = new_promotion();
  REQUIRE(store.write(made));
  auto changed = next_version(made);
  REQUIRE(store.write(changed));
  auto by_id = store.find(made.what.id, {});
  REQUIRE((by_id && *by_id));
  CHECK((*by_id)->text == changed.text);
  auto by_code = store.find_code(made.what.code, user_id{});
  REQUIRE((by_code && *by_code));
  CHECK((*by_code)->text == changed.text);
  CHECK_FALSE(*store.find(promotion_id::make(real_now()), {}));
  CHECK_FALSE(*store.find_code("NO-SUCH", user_id{}));
  CHECK(migrated_database().number(
            "select count(*) from promotion.version where promotion_id = '" + to_string(made.what.id) + "'") == 2);
}

TEST_CASE("a version is written once, after the one before it") {
  auto store = open_store();
  auto made = new_promotion(10);
  CHECK(store.write(next_version(made)) == tl::unexpected{errc::stale_version});
  REQUIRE(store.write(made));
  CHECK(store.write(made) == tl::unexpected{errc::stale_version});
  CHECK(store.write(next_version(next_version(made))) == tl::unexpected{errc::stale_version});
  CHECK(store.write(next_version(made)).has_value());
}

TEST_CASE("a code belongs to one promotion as long as that is active") {
  auto store = open_store();
  auto first = new_promotion();
  auto second = new_promotion();
  second.what.code = first.what.code;
  REQUIRE(store.write(first));
  CHECK(store.write(second) == tl::unexpected{errc::promotion_code_taken});
  auto ended = next_version(first);
  ended.what.is_active = false;
  REQUIRE(store.write(ended));
  CHECK_FALSE(*store.find_code(first.what.code, user_id{}));
  CHECK(store.write(second).has_value());
}

TEST_CASE("a refused version leaves nothing, and the store goes on") {
  auto store = open_store();
  auto broken = new_promotion(10);
  broken.text = "{";
  CHECK(store.write(broken) == tl::unexpected{errc::invalid_argument});
  CHECK_FALSE(*store.find(broken.what.id, {}));
  CHECK(left_of(broken.what) == 0);
  broken.text = "{}";
  CHECK(store.write(broken).has_value());
}

TEST_CASE("deals are those without a code that are active and not over, those that end first") {
  auto store = open_store();
  std::vector<promotion_change> made;
  for (std::int64_t ends : {3'000, 1'000, 2'000}) {
    made.push_back(new_promotion());
    made.back().what.code.clear();
    made.back().what.ends_at = {4'100'000'000'000'000 + ends};
    made.back().text = "{\"ends\":" + std::to_string(ends) + "}";
  }
  made.push_back(made[0]);
  made.back().what.id = promotion_id::make(real_now());
  made.back().what.is_active = false;
  for (const auto& each : made) REQUIRE(store.write(each));
  auto found = store.deals({4'100'000'000'001'000}, 10);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].text == made[2].text);
  CHECK((*found)[1].text == made[0].text);
  CHECK(store.deals({4'100'000'000'001'000}, 1)->size() == 1);
}

TEST_CASE("promotions are listed newest first, page by page") {
  auto store = open_store();
  std::vector<std::string> written;
  for (int i = 0; i < 3; ++i) {
    auto made = new_promotion();
    made.text = "{\"n\":" + std::to_string(i) + "}";
    REQUIRE(store.write(made));
    written.push_back(made.text);
  }
  auto first = store.list(INT64_MAX, 2);
  REQUIRE(first);
  REQUIRE(first->size() == 2);
  CHECK((*first)[0].text == written[2]);
  CHECK((*first)[1].text == written[1]);
  auto second = store.list(first->back().serial, 2);
  CHECK(second->front().text == written[0]);
}

TEST_CASE("a limit is shared out over some rows, small ones over one") {
  auto store = open_store();
  for (auto [total, parts] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {100, 1}, {5'000, 9}, {1'000'000'007, 16}}) {
    auto made = new_promotion(total);
    REQUIRE(store.write(made));
    INFO(total);
    CHECK(left_of(made.what) == total);
    CHECK(parts_of(made.what) == parts);
  }
  auto unlimited = new_promotion();
  REQUIRE(store.write(unlimited));
  CHECK(parts_of(unlimited.what) == 0);
}

TEST_CASE("a limit can be raised and lowered, below what is used, too, but not given or taken away") {
  auto store = open_store();
  test_node node;
  auto writer = node.writer();
  auto made = new_promotion(3);
  REQUIRE(store.write(made));
  std::vector<append> placed;
  for (int i = 0; i < 3; ++i) {
    placed.push_back(order_append(node.shard(0), order_id::make(real_now()), 1));
    placed.back().redemptions = {redeems(made.what, {placed.back().entity.id}, user_id::make(real_now()))};
  }
  for (const auto& a : writer.write(placed)) REQUIRE(a);
  CHECK((*store.find(made.what.id, {}))->used == 3);

  auto change_to = [&](std::optional<std::int64_t> total) {
    made = next_version(made);
    made.what.total_limit = total;
    return store.write(made);
  };
  REQUIRE(change_to(5'000));
  CHECK(left_of(made.what) == 4'997);
  CHECK((*store.find(made.what.id, {}))->used == 3);
  REQUIRE(change_to(1));
  CHECK(left_of(made.what) == -2);
  CHECK(parts_of(made.what) == 1);
  auto give_back = order_append(node.shard(0), {placed[0].entity.id}, 2);
  give_back.redemptions = {gives_back(made.what, {placed[0].entity.id}, placed[0].redemptions[0].customer)};
  REQUIRE(write_one(writer, give_back));
  CHECK(left_of(made.what) == -1);
  auto another = order_append(node.shard(0), order_id::make(real_now()), 1);
  another.redemptions = {redeems(made.what, {another.entity.id}, user_id::make(real_now()))};
  CHECK(write_one(writer, another) == tl::unexpected{errc::promotion_used_up});
  CHECK(change_to({}) == tl::unexpected{errc::invalid_argument});
}

TEST_CASE("usage is told in the order asked, also of what is not there") {
  auto store = open_store();
  test_node node;
  auto writer = node.writer();
  auto customer = user_id::make(real_now());
  auto limited = new_promotion(10, 5);
  auto other = new_promotion({}, 5);
  REQUIRE(store.write(limited));
  REQUIRE(store.write(other));
  for (const auto* each : {&limited, &limited, &other}) {
    auto a = order_append(node.shard(0), order_id::make(real_now()), 1);
    a.redemptions = {redeems(each->what, {a.entity.id}, customer)};
    REQUIRE(write_one(writer, a));
  }
  std::array ids{other.what.id, promotion_id::make(real_now()), limited.what.id};
  auto used = store.usage(ids, customer);
  REQUIRE(used);
  REQUIRE(used->size() == 3);
  CHECK((*used)[0].used == 0);
  CHECK((*used)[0].used_by_customer == 1);
  CHECK((*used)[1].used_by_customer == 0);
  CHECK((*used)[2].used == 2);
  CHECK((*used)[2].used_by_customer == 2);
  CHECK(store.usage(ids, user_id::make(real_now()))->back().used_by_customer == 0);
  CHECK((*store.find_code(limited.what.code, customer))->used_by_customer == 2);
}
