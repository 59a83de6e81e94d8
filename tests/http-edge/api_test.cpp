/// The resources of the API: who may do what, what is sent to the actors, what is shown.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

const uuid somebody = *parse_uuid("018f6f2c-0000-7000-8000-000000000001");
const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");
const uuid deliverer = *parse_uuid("018f6f2c-0000-7000-8000-000000000003");

json checkout_of(const shop& at) {
  return {{"restaurantId", to_string(at.id)},
          {"items", {{{"itemId", to_string(at.menu[0].id)}, {"quantity", 2}}}},
          {"address", {{"line", "2 Lake Street"}, {"latitude", 18.53}, {"longitude", 73.86}}},
          {"paymentMethod", "COD"},
          {"tip", 10.5}};
}

/// The last command of this kind that reached an actor.
template <class Request>
std::optional<Request> last_told(world& w) {
  std::lock_guard lock{w.mutex};
  for (auto each = w.told.rbegin(); each != w.told.rend(); ++each)
    if (auto* found = std::get_if<Request>(&each->second)) return *found;
  return std::nullopt;
}

std::string code_of(const got& answer) { return answer.parsed().at("code"); }

TEST_CASE("a checkout prices the items, places the order and shows it with its PIN") {
  platform p;
  auto shop = p.add_restaurant();
  auto token = p.token(user_role::customer, customer);
  auto answer =
      ask(p.port(), "POST", "/v1/orders/checkout", token, checkout_of(shop).dump(), {{"Idempotency-Key", "k1"}});
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  auto made = answer.parsed();
  CHECK(answer.header("location") == "/v1/orders/" + made["orderId"].get<std::string>());
  CHECK(made["customerId"] == to_string(customer));
  CHECK(made["deliveryPin"].get<std::string>().size() == 4);
  CHECK(answer.body.find("\"unitPrice\":175.00,\"price\":350.00") != std::string::npos);
  CHECK(answer.body.find("\"total\":360.50") != std::string::npos);
  CHECK(made["restaurantName"] == "Annapurna");
}

TEST_CASE("a checkout is refused with every field that is wrong") {
  platform p;
  auto shop = p.add_restaurant();
  auto token = p.token(user_role::customer, customer);
  auto body = checkout_of(shop);
  body["items"][0]["quantity"] = 100;
  body["address"]["latitude"] = 90.5;
  body["tip"] = 1.005;
  body["restaurantId"] = "nonsense";
  body["note"] = std::string(2001, 'x');
  auto answer = ask(p.port(), "POST", "/v1/orders/checkout", token, body.dump(), {{"Idempotency-Key", "k"}});
  REQUIRE(answer.status == 400);
  CHECK(answer.header("content-type") == "application/problem+json");
  std::set<std::string> pointers;
  const auto problem = answer.parsed();
  for (const auto& each : problem.at("errors")) pointers.insert(each.at("pointer"));
  CHECK(pointers == std::set<std::string>{"/items/0/quantity", "/address/latitude", "/tip", "/restaurantId", "/note"});
  CHECK_FALSE(last_told<order_request>(p.world()));
}

TEST_CASE("a checkout by card waits for the payment gateway to exist") {
  platform p;
  auto shop = p.add_restaurant();
  auto body = checkout_of(shop);
  body["paymentMethod"] = "CARD";
  auto answer = ask(p.port(), "POST", "/v1/orders/checkout", p.token(user_role::customer, customer), body.dump(),
                    {{"Idempotency-Key", "k"}});
  CHECK(answer.status == 422);
  CHECK(code_of(answer) == "payment-method-unavailable");
}

TEST_CASE("what a restaurant can't sell is refused with the actor's code") {
  platform p;
  auto shop = p.add_restaurant();
  auto token = p.token(user_role::customer, customer);
  for (auto [code, status] : {std::pair{errc::restaurant_closed, 409U}, std::pair{errc::item_unavailable, 410U},
                              std::pair{errc::item_not_found, 404U}, std::pair{errc::restaurant_not_found, 404U},
                              std::pair{errc::overloaded, 503U}, std::pair{errc::internal, 500U}}) {
    {
      std::lock_guard lock{p.world().mutex};
      p.world().before = [code = code](const entity_ref&, const routed& body) -> std::optional<test::answer> {
        if (!std::holds_alternative<price_lines>(body)) return std::nullopt;
        return tl::unexpected{code};
      };
    }
    auto answer = ask(p.port(), "POST", "/v1/orders/checkout", token, checkout_of(shop).dump(),
                      {{"Idempotency-Key", to_string(code)}});
    CHECK(answer.status == status);
    CHECK(code_of(answer) == name(code));
    CHECK((answer.header("retry-after") == "1") == (status == 503));
  }
}

TEST_CASE("an order is shown to those it concerns, each their part, and is not there for others") {
  platform p;
  auto shop = p.add_restaurant();
  auto placed = p.add_order(user_id{customer}, shop);
  {
    std::lock_guard lock{p.world().mutex};
    p.world().orders[placed.id].carried_by = carrier{partner_id{deliverer}, {}, {}, 0, 0};
  }
  auto path = "/v1/orders/" + to_string(placed.id);
  auto seen_by = [&](user_role role, uuid who) { return ask(p.port(), "GET", path, p.token(role, who)); };
  CHECK(seen_by(user_role::customer, customer).parsed().contains("deliveryPin"));
  for (auto [role, who] :
       {std::pair{user_role::restaurant, shop.profile.owner.value}, std::pair{user_role::partner, deliverer},
        std::pair{user_role::support, somebody}, std::pair{user_role::admin, somebody}}) {
    auto answer = seen_by(role, who);
    CHECK(answer.status == 200);
    CHECK_FALSE(answer.parsed().contains("deliveryPin"));
    CHECK(answer.parsed().contains("customerId"));
  }
  for (auto role : {user_role::customer, user_role::restaurant, user_role::partner}) {
    auto answer = seen_by(role, somebody);
    CHECK(answer.status == 404);
    CHECK(code_of(answer) == "order-not-found");
  }
  CHECK(ask(p.port(), "GET", path).status == 401);
}

TEST_CASE("on a node with an open city everybody sees orders without personal data") {
  platform p{{.open_city = true}};
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  auto path = "/v1/orders/" + to_string(placed.id);
  auto shown = ask(p.port(), "GET", path).parsed();
  CHECK_FALSE(shown.contains("customerId"));
  CHECK_FALSE(shown.contains("deliveryPin"));
  CHECK_FALSE(shown.contains("note"));
  CHECK_FALSE(shown.at("address").contains("line"));
  auto events = ask(p.port(), "GET", path + "/events");
  REQUIRE(events.status == 200);
  for (const auto& secret : std::vector<std::string>{"4711", "Lake Street", "ring twice", to_string(customer)})
    CHECK(events.body.find(secret) == std::string::npos);
  CHECK(ask(p.port(), "GET", path + "/status").status == 200);
  CHECK(ask(p.port(), "GET", path + "/location").status == 401);
  CHECK(ask(p.port(), "GET", "/v1/zones").status == 200);
  CHECK(ask(p.port(), "POST", path + "/cancel").status == 401);
}

TEST_CASE("roles are checked by the route table") {
  platform p;
  auto shop = p.add_restaurant();
  auto as = [&](user_role role, const std::string& method, const std::string& path) {
    return ask(p.port(), method, path, p.token(role, somebody), method == "GET" ? "" : "{}").status;
  };
  CHECK(as(user_role::customer, "POST", "/v1/restaurants") == 403);
  CHECK(as(user_role::restaurant, "POST", "/v1/admin/restaurants/" + to_string(shop.id) + "/verification") == 403);
  CHECK(as(user_role::partner, "POST", "/v1/orders/checkout") == 403);
  CHECK(as(user_role::customer, "PATCH", "/v1/partners/me/availability") == 403);
  CHECK(as(user_role::partner, "GET", "/v1/admin/searches/" + to_string(shop.id)) == 403);
  CHECK(as(user_role::partner, "GET", "/v1/zones") == 403);
}

TEST_CASE("a restaurant belongs to who registered it") {
  platform p;
  auto owner = p.token(user_role::restaurant, somebody);
  json body{{"name", "Udupi"},
            {"address", {{"line", "x"}, {"latitude", 1}, {"longitude", 2}}},
            {"contact", {{"phone", "+91"}}},
            {"licenseNumber", "L1"}};
  auto made = ask(p.port(), "POST", "/v1/restaurants", owner, body.dump());
  INFO(made.body);
  REQUIRE(made.status == 201);
  CHECK(made.parsed().at("verification") == "PENDING_VERIFICATION");
  auto path = "/v1/restaurants/" + made.parsed().at("restaurantId").get<std::string>();
  CHECK(ask(p.port(), "PATCH", path + "/status", owner, R"({"status":"ONLINE"})").status == 200);
  auto stranger = p.token(user_role::restaurant, customer);
  auto refused = ask(p.port(), "PATCH", path + "/status", stranger, R"({"status":"ONLINE"})");
  CHECK(refused.status == 404);
  CHECK(code_of(refused) == "restaurant-not-found");
  CHECK(
      ask(p.port(), "PATCH", path + "/status", p.token(user_role::admin, customer), R"({"status":"OFFLINE"})").status ==
      200);
  CHECK(ask(p.port(), "GET", path, stranger).status == 200);
}

TEST_CASE("a menu item is returned as it was stored") {
  platform p;
  auto shop = p.add_restaurant();
  auto owner = p.token(user_role::restaurant, shop.profile.owner.value);
  auto path = "/v1/restaurants/" + to_string(shop.id) + "/menu";
  auto made = ask(p.port(), "POST", path + "/items", owner,
                  R"({"name":"Dosa \u0926\u094b\u0938\u093e","type":"VEG","price":89.9,"currency":"INR"})");
  REQUIRE(made.status == 201);
  CHECK(made.body.find("\"price\":89.90,") != std::string::npos);
  CHECK(made.parsed().at("name") == "Dosa \u0926\u094b\u0938\u093e");
  auto menu = ask(p.port(), "GET", path, owner);
  CHECK(menu.parsed().at("items").size() == 3);
  CHECK(menu.parsed().at("items").back() == made.parsed());
  auto again = ask(p.port(), "GET", path, owner, "", {{"If-None-Match", menu.header("etag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
}

TEST_CASE("rejecting a restaurant needs a reason") {
  platform p;
  auto shop = p.add_restaurant();
  auto path = "/v1/admin/restaurants/" + to_string(shop.id) + "/verification";
  auto admin = p.token(user_role::admin, somebody);
  CHECK(ask(p.port(), "POST", path, admin, R"({"decision":"REJECT"})").status == 400);
  CHECK(ask(p.port(), "POST", path, admin, R"({"decision":"REJECT","reason":"no licence"})").status == 200);
  CHECK(ask(p.port(), "POST", path, admin, R"({"decision":"MAYBE"})").status == 400);
}

TEST_CASE("a kitchen's commands reach its own orders only") {
  platform p;
  auto shop = p.add_restaurant();
  auto other = p.add_restaurant();
  auto placed = p.add_order(user_id{customer}, shop);
  auto owner = p.token(user_role::restaurant, shop.profile.owner.value);
  auto base = "/v1/restaurants/" + to_string(shop.id) + "/orders/" + to_string(placed.id);
  REQUIRE(ask(p.port(), "POST", base + "/accept", owner, R"({"preparationMinutes":12})").status == 200);
  auto told = last_told<order_request>(p.world());
  REQUIRE(told);
  CHECK(std::get<accept_order>(told->command).preparation_minutes == 12);
  CHECK(ask(p.port(), "POST", base + "/accept", owner, R"({"preparationMinutes":0})").status == 400);
  CHECK(ask(p.port(), "POST", base + "/start", owner).status == 200);
  CHECK(ask(p.port(), "POST", base + "/ready", owner, "{}").status == 200);
  CHECK(ask(p.port(), "POST", base + "/reject", owner, "{}").status == 400);
  auto theirs = p.token(user_role::restaurant, other.profile.owner.value);
  CHECK(ask(p.port(), "POST", base + "/ready", theirs).status == 404);
  auto crossed = "/v1/restaurants/" + to_string(other.id) + "/orders/" + to_string(placed.id);
  CHECK(ask(p.port(), "POST", crossed + "/ready", theirs).status == 404);
}

TEST_CASE("orders of a restaurant come in pages, newest first") {
  platform p;
  auto shop = p.add_restaurant();
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i) expected.insert(expected.begin(), to_string(p.add_order(user_id{customer}, shop).id));
  auto owner = p.token(user_role::restaurant, shop.profile.owner.value);
  auto path = "/v1/restaurants/" + to_string(shop.id) + "/orders?limit=2";
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 5; ++page) {
    auto answer = ask(p.port(), "GET", path + cursor, owner);
    REQUIRE(answer.status == 200);
    const auto listed = answer.parsed();
    for (const auto& each : listed.at("items")) seen.push_back(each.at("orderId"));
    if (!answer.parsed().contains("nextCursor")) break;
    cursor = "&cursor=" + answer.parsed().at("nextCursor").get<std::string>();
  }
  CHECK(seen == expected);
  for (std::string bad : {"?limit=0", "?limit=201", "?limit=x", "?status=EATEN", "?cursor=abc", "?cursor=1.2"})
    CHECK(ask(p.port(), "GET", "/v1/restaurants/" + to_string(shop.id) + "/orders" + bad, owner).status == 400);
}

TEST_CASE("If-Match guards an order's commands") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  auto token = p.token(user_role::customer, customer);
  auto path = "/v1/orders/" + to_string(placed.id);
  CHECK(ask(p.port(), "POST", path + "/cancel", token, "{}", {{"If-Match", "\"9\""}}).status == 412);
  CHECK(ask(p.port(), "POST", path + "/cancel", token, "{}", {{"If-Match", "9"}}).status == 400);
  auto etag = ask(p.port(), "GET", path, token).header("etag");
  CHECK(ask(p.port(), "GET", path, token, "", {{"If-None-Match", etag}}).status == 304);
  CHECK(ask(p.port(), "POST", path + "/cancel", token, "{}", {{"If-Match", etag}}).status == 200);
}

TEST_CASE("only support says who is liable for a cancelled order") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  auto path = "/v1/orders/" + to_string(placed.id) + "/cancel";
  auto body = R"({"reason":"late","liable":"RESTAURANT"})";
  CHECK(ask(p.port(), "POST", path, p.token(user_role::customer, customer), body).status == 400);
  REQUIRE(ask(p.port(), "POST", path, p.token(user_role::support, somebody), body).status == 200);
  auto how = std::get<cancel_order>(last_told<order_request>(p.world())->command).how;
  CHECK(how.by == party::support);
  CHECK(how.liable == party::restaurant);
  CHECK(ask(p.port(), "POST", path, p.token(user_role::partner, deliverer), "{}").status == 403);
}

TEST_CASE("a partner goes online, reports positions and sees its offers") {
  platform p;
  auto token = p.token(user_role::partner, deliverer);
  auto online = ask(p.port(), "PATCH", "/v1/partners/me/availability", token,
                    R"({"status":"ONLINE","latitude":18.5,"longitude":73.8,"shiftEndsAt":"2026-03-01T20:00:00Z"})");
  REQUIRE(online.status == 200);
  CHECK(online.parsed().at("status") == "ONLINE");
  CHECK(online.parsed().at("partnerId") == to_string(deliverer));
  auto told = std::get<go_online>(last_told<partner_request>(p.world())->command);
  CHECK(told.at == geo_point{18.5, 73.8});
  CHECK(told.shift_ends_at == instant{1'772'395'200'000'000});

  auto batch = R"({"locations":[{"latitude":1,"longitude":2,"at":"2026-03-01T11:00:00.000Z","speed":3.5},
                                {"latitude":1.5,"longitude":2,"at":"2026-03-01T11:00:01.250Z"}]})";
  auto reported = ask(p.port(), "POST", "/v1/partners/me/locations", token, batch);
  CHECK(reported.status == 202);
  CHECK(reported.parsed().at("accepted") == 2);
  CHECK(wait_until(p.world(), [&] { return p.world().positions.size() == 2; }));
  CHECK(ask(p.port(), "POST", "/v1/partners/me/locations", token, R"({"locations":[]})").status == 400);

  CHECK(ask(p.port(), "GET", "/v1/partners/me/offers", token).parsed().at("items").empty());
  auto taken = ask(p.port(), "POST", "/v1/offers/" + to_string(deliverer) + "/accept", token);
  CHECK(taken.status == 409);
  CHECK(code_of(taken) == "offer-no-longer-available");
}

TEST_CASE("an accepted offer shows its deliveries as their orders are") {
  platform p;
  auto shop = p.add_restaurant();
  auto placed = p.add_order(user_id{customer}, shop);
  auto token = p.token(user_role::partner, deliverer);
  offer made;
  made.id = offer_id{somebody};
  {
    std::lock_guard lock{p.world().mutex};
    p.world().offers = {made};
    auto& state = p.world().orders[placed.id];
    state.carried_by = carrier{partner_id{deliverer}, made.id, {}, 0, 1};
    state.delivery = delivery_status::at_restaurant;
    active_delivery active;
    active.order = placed.id;
    p.world().partners[partner_id{deliverer}].active = {active};
  }
  auto accepted = ask(p.port(), "POST", "/v1/offers/" + to_string(made.id) + "/accept", token);
  REQUIRE(accepted.status == 200);
  auto delivery = accepted.parsed().at("deliveries").at(0);
  CHECK(delivery.at("status") == "AT_RESTAURANT");
  CHECK(delivery.at("orderStatus") == "PENDING_RESTAURANT_ACCEPTANCE");
  CHECK(delivery.at("sequence") == 1);
  CHECK(ask(p.port(), "GET", "/v1/partners/me/deliveries", token).parsed().at("items").size() == 1);

  auto base = "/v1/deliveries/" + to_string(placed.id);
  for (std::string step : {"/arrived", "/picked-up", "/release"})
    CHECK(ask(p.port(), "POST", base + step, token).status == 200);
  CHECK(ask(p.port(), "POST", base + "/delivered", token, "{}").status == 400);
  REQUIRE(ask(p.port(), "POST", base + "/delivered", token, R"({"pin":"4711"})").status == 200);
  CHECK(std::get<deliver>(last_told<order_request>(p.world())->command).pin == "4711");
  CHECK(ask(p.port(), "POST", base + "/arrived", p.token(user_role::partner, somebody)).status == 404);
}

TEST_CASE("operators read a search and the zones") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  auto token = p.token(user_role::support, somebody);
  auto path = "/v1/admin/searches/" + to_string(placed.id);
  CHECK(code_of(ask(p.port(), "GET", path, token)) == "search-not-found");
  {
    std::lock_guard lock{p.world().mutex};
    search_record record;
    record.order = placed.id;
    record.zone = *parse_zone("3bae4");
    record.waves.push_back({1, {}, {2999.96}, {}, {{partner_id{deliverer}, {120.7}, offer_outcome::declined, {}}}, {}});
    p.world().search = record;
    p.world().zones.zones = {{*parse_zone("3bae4"), 113, 12}};
  }
  auto shown = ask(p.port(), "GET", path, token).parsed();
  CHECK(shown.at("state") == "OPEN");
  CHECK(shown.at("waves").at(0).at("asked").at(0).at("distanceMetres").dump() == "121");
  CHECK(shown.at("waves").at(0).at("radiusMetres").dump() == "3000");
  CHECK(ask(p.port(), "GET", "/v1/zones", token).parsed().at("items").at(0).at("partnersOnline") == 113);
}

TEST_CASE("ids that are none name nothing") {
  platform p;
  auto token = p.token(user_role::admin, somebody);
  for (std::string path : {"/v1/orders/1", "/v1/orders/..%2f..", "/v1/restaurants/x/menu", "/v1/admin/searches/'--",
                           "/v1/orders/018f6f2c-0000-7000-8000-00000000000g"}) {
    auto answer = ask(p.port(), "GET", path, token);
    CHECK(answer.status == 404);
    CHECK(answer.header("content-type") == "application/problem+json");
  }
}

}  // namespace
}  // namespace dabba::test
