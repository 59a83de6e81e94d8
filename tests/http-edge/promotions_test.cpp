/// Promotions at the edge: their administration, the deals of a restaurant, and coupons at the checkout.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");
const uuid operator_id = *parse_uuid("018f6f2c-0000-7000-8000-000000000009");

/// On during the whole day of the platform.
json ten_percent() {
  return {{"name", "Ten percent"},
          {"code", "ten-off"},
          {"kind", "PERCENTAGE"},
          {"percent", 10},
          {"atMost", 100.5},
          {"fundedBy", "PLATFORM"},
          {"currency", "INR"},
          {"startsAt", "2026-03-01T00:00:00Z"},
          {"endsAt", "2026-03-02T00:00:00Z"}};
}

json deal(const std::string& name) {
  auto made = ten_percent();
  made.erase("code");
  made["name"] = name;
  return made;
}

struct counter {
  platform p;
  restaurant shop = p.add_restaurant();
  std::string admin = p.token(user_role::admin, operator_id);
  std::string buyer = p.token(user_role::customer, customer);

  got create(const json& body, headers with = {}) {
    return ask(p.port(), "POST", "/v1/admin/promotions", admin, body.dump(), std::move(with));
  }
  std::string created(const json& body) {
    auto answer = create(body);
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    return answer.parsed().at("promotionId");
  }
  got replace(const std::string& id, const json& body, headers with = {}) {
    return ask(p.port(), "PUT", "/v1/admin/promotions/" + id, admin, body.dump(), std::move(with));
  }
  json order(const std::string& coupon = {}) {
    json made{{"restaurantId", to_string(shop.id)},
              {"items", {{{"itemId", to_string(shop.menu[0].id)}, {"quantity", 2}}}},
              {"address", {{"line", "x"}, {"latitude", 18.53}, {"longitude", 73.86}}},
              {"paymentMethod", "COD"}};
    if (!coupon.empty()) made["coupon"] = coupon;
    return made;
  }
  got check_out(const json& body, const std::string& key = "k") {
    return ask(p.port(), "POST", "/v1/orders/checkout", buyer, body.dump(), {{"Idempotency-Key", key}});
  }
  got validate(const std::string& code) {
    auto body = order();
    body["code"] = code;
    return ask(p.port(), "POST", "/v1/promotions/validate", buyer, body.dump());
  }
  std::vector<std::string> deal_names() {
    auto answer = ask(p.port(), "GET", "/v1/promotions/deals?restaurantId=" + to_string(shop.id), buyer);
    REQUIRE(answer.status == 200);
    std::vector<std::string> names;
    const auto list = answer.parsed();
    for (const auto& each : list.at("items")) names.push_back(each.at("name"));
    return names;
  }
  /// What the restaurant was asked last.
  price_lines asked() {
    std::lock_guard lock{p.world().mutex};
    for (auto each = p.world().told.rbegin(); each != p.world().told.rend(); ++each)
      if (auto* found = std::get_if<price_lines>(&each->second)) return *found;
    FAIL("nothing was priced");
    return {};
  }
  place_order placed() {
    std::lock_guard lock{p.world().mutex};
    for (auto each = p.world().told.rbegin(); each != p.world().told.rend(); ++each)
      if (auto* found = std::get_if<order_request>(&each->second)) return std::get<place_order>(found->command);
    FAIL("nothing was placed");
    return {};
  }
  /// From now on the restaurant quotes this.
  void quote_with(price_breakdown price, errc coupon) {
    std::lock_guard lock{p.world().mutex};
    quote made{
        shop.profile.name, shop.profile.where.at, *parse_zone("3bae4"), {}, currency::INR, std::move(price), coupon};
    made.lines.push_back({shop.menu[0].id, "Thali", 2, {175'00}, ""});
    p.world().before = [made](const entity_ref&, const routed& body) -> std::optional<test::answer> {
      if (!std::holds_alternative<price_lines>(body)) return std::nullopt;
      return reply{made};
    };
  }
};

price_breakdown discounted() {
  price_breakdown made;
  made.subtotal = {350'00};
  made.delivery_fee = {30'00};
  made.details.lines = {{350'00, 35'00, 15'75, 315'00}};
  made.details.order_discount = {35'00};
  made.details.tax = {15'75};
  made.details.platform_fee = {5'00};
  made.details.promotions = {
      {promotion_id{operator_id}, 1, "Ten percent", "TEN-OFF", promotion_funding::platform, {35'00}, false, {}}};
  made.total = total_of(made.subtotal, made.delivery_fee, made.tip, made.details);
  return made;
}

std::string code_of(const got& answer) { return answer.parsed().at("code"); }

TEST_CASE("a promotion is created, read, listed and changed") {
  counter c;
  auto answer = c.create(ten_percent());
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  auto made = answer.parsed();
  auto id = made.at("promotionId").get<std::string>();
  CHECK(answer.header("location") == "/v1/admin/promotions/" + id);
  CHECK(answer.header("etag") == "\"1\"");
  CHECK(made.at("code") == "TEN-OFF");
  CHECK(answer.body.find("\"percent\":10.00,\"atMost\":100.50") != std::string::npos);

  auto body = ten_percent();
  body["percent"] = 12.25;
  auto changed = c.replace(id, body, {{"If-Match", "\"1\""}});
  CHECK(changed.status == 200);
  CHECK(changed.parsed().at("version") == 2);
  CHECK(changed.parsed().at("percent") == 12.25);
  CHECK(c.replace(id, body, {{"If-Match", "\"1\""}}).status == 412);

  auto read = ask(c.p.port(), "GET", "/v1/admin/promotions/" + id, c.p.token(user_role::support, operator_id));
  CHECK(read.parsed() == changed.parsed());
  c.created(deal("second"));
  auto page = ask(c.p.port(), "GET", "/v1/admin/promotions?limit=1", c.admin).parsed();
  REQUIRE(page.at("items").size() == 1);
  CHECK(page.at("items")[0].at("name") == "second");
  auto rest =
      ask(c.p.port(), "GET", "/v1/admin/promotions?cursor=" + page.at("nextCursor").get<std::string>(), c.admin);
  CHECK(rest.parsed().at("items")[0].at("promotionId") == id);
  CHECK_FALSE(rest.parsed().contains("nextCursor"));
}

TEST_CASE("every kind of promotion comes back as it was sent") {
  counter c;
  const auto item = to_string(c.shop.menu[0].id);
  for (json what :
       {json{{"kind", "AMOUNT"}, {"amount", 50.0}, {"categories", {"drinks"}}}, json{{"kind", "FREE_DELIVERY"}},
        json{{"kind", "BUY_AND_GET"}, {"buy", 2}, {"get", 1}, {"times", 3}, {"items", {item}}},
        json{{"kind", "COMBO"},
             {"price", 199.0},
             {"times", 1},
             {"parts", {{{"count", 1}, {"items", {item}}}, {{"count", 2}, {"categories", {"drinks"}}}}}}}) {
    auto body = deal("any");
    body.erase("percent"), body.erase("atMost");
    body.update(what);
    auto answer = c.create(body);
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    const auto made = answer.parsed();
    for (const auto& [key, value] : what.items()) CHECK(made.at(key) == value);
  }
}

TEST_CASE("what can be no promotion is refused field by field") {
  counter c;
  auto refused_at = [&c](const json& change) {
    auto body = ten_percent();
    body.update(change);
    auto answer = c.create(body);
    INFO(answer.body);
    REQUIRE(answer.status == 400);
    return answer.parsed().at("errors")[0].at("pointer").get<std::string>();
  };
  CHECK(refused_at({{"name", ""}}) == "/name");
  CHECK(refused_at({{"code", "ten off"}}) == "/code");
  CHECK(refused_at({{"kind", "GIFT"}}) == "/kind");
  CHECK(refused_at({{"percent", 100.01}}) == "/percent");
  CHECK(refused_at({{"percent", 0}}) == "/percent");
  CHECK(refused_at({{"percent", 1.005}}) == "/percent");
  CHECK(refused_at({{"endsAt", "2026-03-01T00:00:00Z"}}) == "/endsAt");
  CHECK(refused_at({{"fundedBy", "CUSTOMER"}}) == "/fundedBy");
  CHECK(refused_at({{"totalLimit", 0}}) == "/totalLimit");
  CHECK(refused_at({{"restaurants", {"nonsense"}}}) == "/restaurants");
  CHECK(refused_at({{"categories", {1}}}) == "/categories");
  CHECK(refused_at({{"kind", "COMBO"}, {"price", 10}, {"parts", json::array()}}) == "/parts");
  std::lock_guard lock{c.p.world().mutex};
  CHECK(c.p.world().promotions.empty());
}

TEST_CASE("a code belongs to one promotion, and a total limit stays one") {
  counter c;
  auto id = c.created(ten_percent());
  CHECK(code_of(c.create(ten_percent())) == "promotion-code-taken");
  auto limited = ten_percent();
  limited["totalLimit"] = 100;
  auto answer = c.replace(id, limited);
  CHECK(answer.status == 400);
  CHECK(answer.parsed().at("errors")[0].at("pointer") == "/totalLimit");
  auto ended = ten_percent();
  ended["isActive"] = false;
  CHECK(c.replace(id, ended).status == 200);
  CHECK(c.create(ten_percent()).status == 201);
}

TEST_CASE("creating a promotion again with the same key makes one, with another body it is refused") {
  counter c;
  headers key{{"Idempotency-Key", "k"}};
  auto first = c.create(ten_percent(), key);
  auto second = c.create(ten_percent(), key);
  CHECK(second.status == 201);
  CHECK(second.body == first.body);
  CHECK(second.header("idempotent-replayed") == "true");
  auto other = ten_percent();
  other["percent"] = 20;
  CHECK(code_of(c.create(other, key)) == "idempotency-key-reused");
}

TEST_CASE("promotions are administered by administrators, and looked at by support, too") {
  counter c;
  auto id = c.created(ten_percent());
  for (auto role : {user_role::customer, user_role::restaurant, user_role::partner, user_role::support}) {
    auto token = c.p.token(role, customer);
    CHECK(ask(c.p.port(), "POST", "/v1/admin/promotions", token, ten_percent().dump()).status == 403);
    CHECK(ask(c.p.port(), "PUT", "/v1/admin/promotions/" + id, token, ten_percent().dump()).status == 403);
    bool is_operator = role == user_role::support;
    CHECK(ask(c.p.port(), "GET", "/v1/admin/promotions", token).status == (is_operator ? 200 : 403));
    CHECK(ask(c.p.port(), "GET", "/v1/admin/promotions/" + id, token).status == (is_operator ? 200 : 403));
    if (role != user_role::customer)
      CHECK(ask(c.p.port(), "POST", "/v1/promotions/validate", token, "{}").status == 403);
  }
  CHECK(ask(c.p.port(), "GET", "/v1/admin/promotions").status == 401);
  CHECK(ask(c.p.port(), "GET", "/v1/promotions/deals?restaurantId=" + to_string(c.shop.id)).status == 401);
  CHECK(code_of(ask(c.p.port(), "GET", "/v1/admin/promotions/" + to_string(customer), c.admin)) ==
        "promotion-not-found");
  CHECK(c.replace("nonsense", ten_percent()).status == 404);
  CHECK(ask(c.p.port(), "GET", "/v1/promotions/deals", c.buyer).status == 400);
  CHECK(ask(c.p.port(), "GET", "/v1/admin/promotions?cursor=x", c.admin).status == 400);
}

TEST_CASE("the deals of a restaurant are those that are on there now") {
  counter c;
  CHECK(c.deal_names().empty());
  c.created(ten_percent());
  c.created(deal("everywhere"));
  auto elsewhere = deal("elsewhere");
  elsewhere["restaurants"] = {to_string(customer)};
  c.created(elsewhere);
  auto here = deal("here");
  here["restaurants"] = {to_string(c.shop.id)};
  auto id = c.created(here);
  auto later = deal("later");
  later["startsAt"] = "2026-03-01T23:00:00Z";
  c.created(later);
  auto over = deal("over");
  over["endsAt"] = "2026-03-01T01:00:00Z";
  c.created(over);
  CHECK(c.deal_names() == std::vector<std::string>{"everywhere", "here"});
  here["isActive"] = false;
  CHECK(c.replace(id, here).status == 200);
  CHECK(c.deal_names() == std::vector<std::string>{"everywhere"});
}

TEST_CASE("deals are not read anew for every order") {
  counter c;
  c.created(deal("any"));
  for (int i = 0; i < 20; ++i) REQUIRE(c.check_out(c.order(), std::to_string(i)).status == 201);
  std::lock_guard lock{c.p.world().mutex};
  CHECK(c.p.world().deal_reads < 20);
}

TEST_CASE("a checkout has its order priced with deals and coupon, and as they are used") {
  counter c;
  auto limited = deal("limited");
  limited["totalLimit"] = 10;
  auto id = c.created(limited);
  auto first = ten_percent();
  first["firstOrderOnly"] = true;
  c.created(first);
  {
    std::lock_guard lock{c.p.world().mutex};
    c.p.world().used[promotion_id{*parse_uuid(id)}] = 7;
  }
  auto body = c.order("ten-off");
  body["tip"] = 20;
  REQUIRE(c.check_out(body).status == 201);
  auto asked = c.asked();
  CHECK(asked.given.tip == minor_units{20'00});
  CHECK(asked.given.dropoff == geo_point{18.53, 73.86});
  REQUIRE(asked.given.deals.size() == 1);
  CHECK(asked.given.deals[0].used == 7);
  REQUIRE(asked.given.coupon);
  CHECK(asked.given.coupon->what.code == "TEN-OFF");
  CHECK(asked.given.is_first_order);
  {
    std::lock_guard lock{c.p.world().mutex};
    c.p.world().has_ordered.insert(user_id{customer});
  }
  REQUIRE(c.check_out(body, "again").status == 201);
  CHECK_FALSE(c.asked().given.is_first_order);
}

TEST_CASE("the order is placed at the quoted price, and shows it") {
  counter c;
  c.quote_with(discounted(), errc::none);
  REQUIRE(c.check_out(c.order()).status == 201);
  auto placed = c.placed();
  CHECK(placed.delivery_fee == minor_units{30'00});
  CHECK(placed.price == discounted().details);

  auto shown = c.p.add_order(user_id{customer}, c.shop);
  {
    std::lock_guard lock{c.p.world().mutex};
    auto& state = c.p.world().orders[shown.id];
    state.subtotal = {350'00}, state.delivery_fee = {30'00}, state.total = discounted().total;
    state.price = discounted().details;
  }
  auto answer = ask(c.p.port(), "GET", "/v1/orders/" + to_string(shown.id), c.buyer);
  CHECK(answer.body.find("\"subtotal\":350.00,\"discount\":35.00,\"tax\":15.75,\"taxIncluded\":false,"
                         "\"platformFee\":5.00,\"smallOrderFee\":0.00,\"deliveryFee\":30.00,\"deliveryDiscount\":0.00,"
                         "\"tip\":0.00,\"total\":365.75") != std::string::npos);
  const auto seen = answer.parsed();
  CHECK(seen.at("promotions")[0].at("code") == "TEN-OFF");
  CHECK_FALSE(seen.at("promotions")[0].contains("fundedBy"));
}

TEST_CASE("a coupon that can't be used refuses the checkout with its reason, and places nothing") {
  counter c;
  CHECK(code_of(c.check_out(c.order("NO-SUCH"))) == "promotion-not-found");
  c.created(ten_percent());
  for (auto [why, status] : {std::pair{errc::promotion_expired, 422U}, std::pair{errc::promotion_below_minimum, 422U},
                             std::pair{errc::promotion_not_combinable, 422U},
                             std::pair{errc::promotion_already_used, 409U}, std::pair{errc::promotion_used_up, 409U}}) {
    c.quote_with(discounted(), why);
    auto answer = c.check_out(c.order("TEN-OFF"), to_string(why));
    CHECK(answer.status == status);
    CHECK(code_of(answer) == name(why));
  }
  std::lock_guard lock{c.p.world().mutex};
  CHECK(c.p.world().orders.empty());
}

TEST_CASE("a validated coupon says what the order would cost, or why it is not valid") {
  counter c;
  auto unknown = c.validate("no-such");
  REQUIRE(unknown.status == 200);
  CHECK(unknown.parsed() == json{{"code", "NO-SUCH"},
                                 {"valid", false},
                                 {"reason", "promotion-not-found"},
                                 {"detail", "there is no such promotion"}});
  c.created(ten_percent());
  c.quote_with(discounted(), errc::none);
  auto valid = c.validate("ten-off").parsed();
  CHECK(valid.at("valid") == true);
  CHECK(valid.at("total") == 365.75);
  CHECK_FALSE(valid.contains("reason"));
  c.quote_with(discounted(), errc::promotion_below_minimum);
  auto refused = c.validate("ten-off").parsed();
  CHECK(refused.at("valid") == false);
  CHECK(refused.at("reason") == "promotion-below-minimum");
  CHECK(refused.contains("total"));
  CHECK(ask(c.p.port(), "POST", "/v1/promotions/validate", c.buyer, "{}").status == 400);
}

TEST_CASE("while the store is away promotions are, too, and no order is priced without them") {
  counter c;
  {
    std::lock_guard lock{c.p.world().mutex};
    c.p.world().is_store_away = true;
  }
  CHECK(c.create(ten_percent()).status == 503);
  CHECK(c.validate("ten-off").status == 503);
  CHECK(ask(c.p.port(), "GET", "/v1/admin/promotions", c.admin).status == 503);
}

}  // namespace
}  // namespace dabba::test
