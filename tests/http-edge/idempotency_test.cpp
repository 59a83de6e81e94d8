/// One key and body: one effect, one answer.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");
const uuid other = *parse_uuid("018f6f2c-0000-7000-8000-000000000003");

struct shop_front {
  platform p;
  test::shop shop = p.add_restaurant();

  std::string body(int quantity = 1) {
    return json{{"restaurantId", to_string(shop.id)},
                {"items", {{{"itemId", to_string(shop.menu[0].id)}, {"quantity", quantity}}}},
                {"address", {{"line", "x"}, {"latitude", 18.53}, {"longitude", 73.86}}},
                {"paymentMethod", "COD"}}
        .dump();
  }
  got check_out(uuid who, const std::string& body, const headers& with) {
    return ask(p.port(), "POST", "/v1/orders/checkout", p.token(user_role::customer, who), body, with);
  }
};

TEST_CASE("a checkout without a key is refused") {
  shop_front f;
  auto answer = f.check_out(customer, f.body(), {});
  CHECK(answer.status == 400);
  CHECK(answer.parsed().at("code") == "idempotency-key-missing");
  CHECK(f.check_out(customer, f.body(), {{"Idempotency-Key", std::string(129, 'k')}}).status == 400);
  CHECK(f.check_out(customer, f.body(), {{"Idempotency-Key", "caf\xc3\xa9"}}).status == 400);
}

TEST_CASE("the same request again gets the first answer") {
  shop_front f;
  headers key{{"Idempotency-Key", "order 1"}};
  auto first = f.check_out(customer, f.body(), key);
  auto second = f.check_out(customer, f.body(), key);
  REQUIRE(first.status == 201);
  CHECK(second.status == 201);
  CHECK(second.body == first.body);
  CHECK(second.header("location") == first.header("location"));
  CHECK(first.header("idempotent-replayed").empty());
  CHECK(second.header("idempotent-replayed") == "true");
  std::lock_guard lock{f.p.world().mutex};
  CHECK(f.p.world().orders.size() == 1);
}

TEST_CASE("another body with the same key is refused; another caller's key is another key") {
  shop_front f;
  headers key{{"Idempotency-Key", "k"}};
  REQUIRE(f.check_out(customer, f.body(1), key).status == 201);
  auto reused = f.check_out(customer, f.body(2), key);
  CHECK(reused.status == 422);
  CHECK(reused.parsed().at("code") == "idempotency-key-reused");
  CHECK(f.check_out(other, f.body(2), key).status == 201);
}

TEST_CASE("a refused request is not remembered") {
  shop_front f;
  headers key{{"Idempotency-Key", "k"}};
  REQUIRE(f.check_out(customer, "{}", key).status == 400);
  CHECK(f.check_out(customer, f.body(), key).status == 201);
}

TEST_CASE("who loses the race between two equal requests gets the winner's answer") {
  shop_front f;
  headers key{{"Idempotency-Key", "k"}};
  std::vector<std::thread> clients;
  std::vector<got> answers(12);
  for (auto& into : answers) clients.emplace_back([&] { into = f.check_out(customer, f.body(), key); });
  for (auto& each : clients) each.join();
  int replayed = 0;
  for (const auto& each : answers) {
    CHECK(each.status == 201);
    CHECK(each.body == answers[0].body);
    replayed += each.header("idempotent-replayed") == "true";
  }
  CHECK(replayed == 11);
}

TEST_CASE("a store that is away refuses before anything happens") {
  shop_front f;
  {
    std::lock_guard lock{f.p.world().mutex};
    f.p.world().is_store_away = true;
  }
  CHECK(f.check_out(customer, f.body(), {{"Idempotency-Key", "k"}}).status == 503);
  std::lock_guard lock{f.p.world().mutex};
  CHECK(f.p.world().told.empty());
}

TEST_CASE("other POSTs take a key too, and replay with their own status") {
  shop_front f;
  auto owner = f.p.token(user_role::restaurant, f.shop.profile.owner.value);
  auto path = "/v1/restaurants/" + to_string(f.shop.id) + "/menu/items";
  auto item = R"({"name":"Idli","type":"VEG","price":40,"currency":"INR"})";
  headers key{{"Idempotency-Key", "item"}};
  auto first = ask(f.p.port(), "POST", path, owner, item, key);
  auto second = ask(f.p.port(), "POST", path, owner, item, key);
  REQUIRE(first.status == 201);
  CHECK(second.status == 201);
  CHECK(second.body == first.body);
  CHECK(second.header("idempotent-replayed") == "true");
}

TEST_CASE("an added item is the one that is answered, whatever was added beside it") {
  shop_front f;
  auto owner = f.p.token(user_role::restaurant, f.shop.profile.owner.value);
  auto path = "/v1/restaurants/" + to_string(f.shop.id) + "/menu/items";
  std::vector<item_id> added;
  {
    std::lock_guard lock{f.p.world().mutex};
    f.p.world().before = [&](const entity_ref&, const routed& body) -> std::optional<test::answer> {
      const auto* request = std::get_if<restaurant_request>(&body);
      if (!request) return std::nullopt;
      changed_menu made{7, {std::get<add_menu_item>(request->command).item}, {}, {}};
      added.push_back(made.items.front().id);
      return reply{std::move(made)};
    };
  }
  auto body = R"({"name":"Dosa","type":"VEG","price":90,"currency":"INR"})";
  auto first = ask(f.p.port(), "POST", path, owner, body, {{"Idempotency-Key", "dosa"}});
  auto again = ask(f.p.port(), "POST", path, owner, body, {{"Idempotency-Key", "dosa"}});
  auto another = ask(f.p.port(), "POST", path, owner, body, {{"Idempotency-Key", "dosa 2"}});
  REQUIRE(first.status == 201);
  CHECK(first.parsed().at("name") == "Dosa");
  CHECK(again.body == first.body);
  REQUIRE(added.size() == 3);
  CHECK(added[0] == added[1]);
  CHECK(added[0] != added[2]);
}

}  // namespace
}  // namespace dabba::test
