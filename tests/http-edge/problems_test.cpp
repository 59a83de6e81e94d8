/// What refusals say: a sentence each, and of what they speak.
#include "http-edge/problems.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");
const uuid deliverer = *parse_uuid("018f6f2c-0000-7000-8000-000000000003");

void refuse_commands_with(platform& p, errc why) {
  std::lock_guard lock{p.world().mutex};
  p.world().before = [why](const entity_ref&, const routed& body) -> std::optional<test::answer> {
    if (std::holds_alternative<read_state>(body)) return std::nullopt;
    return tl::unexpected{why};
  };
}

TEST_CASE("every code has a sentence of its own") {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < enum_names<errc>.size(); ++i) {
    auto detail = http::detail_of(static_cast<errc>(i));
    INFO(enum_names<errc>[i]);
    CHECK(detail.size() > 10);
    CHECK(seen.insert(detail).second);
    CHECK(http::to_problem(static_cast<errc>(i)).detail == detail);
  }
  CHECK(http::detail_of(errc::offer_no_longer_available) == "this order is no longer available");
}

TEST_CASE("a command that does not fit names the state it did not fit") {
  platform p;
  auto shop = p.add_restaurant();
  auto placed = p.add_order(user_id{customer}, shop);
  {
    std::lock_guard lock{p.world().mutex};
    auto& state = p.world().orders[placed.id];
    state.status = order_status::delivered;
    state.delivery = delivery_status::delivered;
  }
  refuse_commands_with(p, errc::illegal_transition);
  auto cancelled = ask(
      p.port(), "POST", "/v1/orders/" + to_string(placed.id) + "/cancel", p.token(user_role::customer, customer), "{}");
  CHECK(cancelled.status == 409);
  CHECK(cancelled.parsed().at("detail") == "the order is DELIVERED, delivery DELIVERED");
  auto verified = ask(p.port(), "POST", "/v1/admin/restaurants/" + to_string(shop.id) + "/verification",
                      p.token(user_role::admin, customer), R"({"decision":"APPROVE"})");
  CHECK(verified.parsed().at("detail") == "the restaurant is ACTIVE, ONLINE");
}

TEST_CASE("a refused offer says so in a sentence, by HTTP and on the socket") {
  platform p;
  auto token = p.token(user_role::partner, deliverer);
  auto refused = ask(p.port(), "POST", "/v1/offers/" + to_string(customer) + "/accept", token);
  CHECK(refused.parsed().at("detail") == "this order is no longer available");
  websocket line{p.port(), token};
  line.send({{"type", "offer.accept"}, {"id", 1}, {"offerId", to_string(customer)}});
  CHECK(line.next_of("error").at("detail") == "this order is no longer available");
}

TEST_CASE("a wrong parameter is named") {
  platform p;
  auto shop = p.add_restaurant();
  auto placed = p.add_order(user_id{customer}, shop);
  auto owner = p.token(user_role::restaurant, shop.profile.owner.value);
  auto orders = "/v1/restaurants/" + to_string(shop.id) + "/orders";
  auto events = "/v1/orders/" + to_string(placed.id) + "/events";
  for (auto [target, name] : {std::pair{orders + "?limit=0", "limit"}, std::pair{orders + "?status=EATEN", "status"},
                              std::pair{orders + "?cursor=1.2", "cursor"}, std::pair{events + "?since=x", "since"}}) {
    auto refused = ask(p.port(), "GET", target, owner);
    CHECK(refused.status == 400);
    const auto shown = refused.parsed();
    REQUIRE(shown.at("errors").size() == 1);
    CHECK(shown.at("errors").at(0).at("parameter") == name);
    CHECK_FALSE(shown.at("errors").at(0).contains("pointer"));
    CHECK(shown.at("detail").get<std::string>().find(name) != std::string::npos);
  }
}

TEST_CASE("a shift that has ended already is refused") {
  platform p;
  auto token = p.token(user_role::partner, deliverer);
  auto online_until = [&](const std::string& when, const headers& with = {}) {
    return ask(p.port(), "PATCH", "/v1/partners/me/availability", token,
               R"({"status":"ONLINE","shiftEndsAt":")" + when + "\"}", with);
  };
  auto refused = online_until("2026-03-01T10:59:59Z");
  CHECK(refused.status == 400);
  CHECK(refused.parsed().at("errors").at(0).at("pointer") == "/shiftEndsAt");
  CHECK(online_until("2026-03-01T20:00:00Z").status == 200);
}

}  // namespace
}  // namespace dabba::test
