/// A restaurant's profile, papers, hours, kitchen and delivery area, as its owner sets them and others see them.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid somebody = *parse_uuid("018f6f2c-0000-7000-8000-000000000001");
const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");

std::string code_of(const got& answer) { return answer.parsed().at("code"); }

std::set<std::string> pointers_of(const got& answer) {
  std::set<std::string> out;
  const auto problem = answer.parsed();
  for (const auto& each : problem.at("errors")) out.insert(each.at("pointer"));
  return out;
}

/// A restaurant, and its owner who asks.
struct front_office {
  platform p;
  shop place = p.add_restaurant();
  std::string owner = p.token(user_role::restaurant, place.profile.owner.value);
  std::string path = "/v1/restaurants/" + to_string(place.id);

  got send(const std::string& method, const std::string& at, const json& body = {}, const headers& with = {}) {
    return ask(p.port(), method, path + at, owner, body.is_null() ? "" : body.dump(), with);
  }
  got seen_by(user_role role, const std::string& at = "") {
    return ask(p.port(), "GET", path + at, p.token(role, somebody));
  }
  got check_out(double latitude) {
    json body{{"restaurantId", to_string(place.id)},
              {"items", {{{"itemId", to_string(place.menu[0].id)}, {"quantity", 1}}}},
              {"address", {{"line", "2 Lake Street"}, {"latitude", latitude}, {"longitude", 73.86}}},
              {"paymentMethod", "COD"}};
    return ask(p.port(), "POST", "/v1/orders/checkout", p.token(user_role::customer, customer), body.dump(),
               {{"Idempotency-Key", std::to_string(latitude)}});
  }
  /// No command reached the restaurant.
  bool is_untouched() {
    std::lock_guard lock{p.world().mutex};
    return std::ranges::none_of(
        p.world().told, [](const auto& x) { return std::holds_alternative<restaurant_request>(x.second); });
  }
};

const json weekdays{
    {"timeZone", "Asia/Kolkata"},
    {"weekly",
     {{{"day", "SUNDAY"}, {"opens", "18:00"}, {"closes", "02:00"}},
      {{"day", "MONDAY"}, {"opens", "06:30"}, {"closes", "24:00"}}}},
    {"holidays", {{{"date", "2026-03-04"}, {"name", "Holi"}}}}};

TEST_CASE("an owner changes the profile in what is sent") {
  front_office o;
  auto answer = o.send("PATCH", "", {{"name", "Annapurna II"}, {"contact", {{"phone", "+91 20"}}}});
  REQUIRE(answer.status == 200);
  auto shown = answer.parsed();
  CHECK(shown.at("name") == "Annapurna II");
  CHECK(shown.at("contact").at("phone") == "+91 20");
  CHECK(shown.at("address").at("line") == "1 Market Road");
  CHECK(shown.at("version") == 4);
  CHECK(pointers_of(o.send("PATCH", "", {{"name", " "}, {"address", {{"line", "x"}}}})) ==
        std::set<std::string>{"/name", "/address/latitude", "/address/longitude"});
  // Under another licence it would not be the restaurant that was verified.
  auto licence = o.send("PATCH", "", {{"licenseNumber", "L2"}});
  CHECK(licence.status == 409);
  CHECK(code_of(licence) == "illegal-transition");
  auto admin = o.p.token(user_role::admin, somebody);
  CHECK(ask(o.p.port(), "PATCH", o.path, admin, R"({"licenseNumber":"L2"})").parsed().at("licenseNumber") == "L2");
}

TEST_CASE("the settings of a restaurant are its owner's and operators' to change") {
  front_office o;
  for (const auto& [method, at] : std::vector<std::pair<std::string, std::string>>{
           {"PATCH", ""},
           {"PUT", "/hours"},
           {"DELETE", "/hours"},
           {"PATCH", "/kitchen"},
           {"PUT", "/delivery-area"},
           {"DELETE", "/delivery-area"},
           {"GET", "/documents"},
           {"POST", "/documents"},
           {"DELETE", "/documents/" + to_string(somebody)}}) {
    INFO(method << ' ' << at);
    auto as = [&](user_role role) {
      return ask(o.p.port(), method, o.path + at, o.p.token(role, somebody), method == "GET" ? "" : "{}");
    };
    CHECK(as(user_role::customer).status == 403);
    CHECK(as(user_role::partner).status == 403);
    auto stranger = as(user_role::restaurant);
    CHECK(stranger.status == 404);
    CHECK(code_of(stranger) == "restaurant-not-found");
    CHECK(ask(o.p.port(), method, o.path + at).status == 401);
    auto nowhere = ask(o.p.port(), method, "/v1/restaurants/" + to_string(somebody) + at, o.owner, "{}");
    CHECK(code_of(nowhere) == "restaurant-not-found");
  }
  CHECK(o.is_untouched());
}

TEST_CASE("hours are set whole, shown to everybody and taken away") {
  front_office o;
  auto answer = o.send("PUT", "/hours", weekdays);
  REQUIRE(answer.status == 200);
  auto shown = o.seen_by(user_role::customer).parsed();
  auto expected = weekdays;
  expected["holidays"][0]["open"] = json::array();
  CHECK(shown.at("hours") == expected);
  // A Sunday, 16:30 in Pune.
  CHECK(shown.at("isOpen") == false);
  CHECK(shown.at("opensAt") == "2026-03-01T12:30:00.000Z");
  auto later = o.send("DELETE", "/hours");
  REQUIRE(later.status == 200);
  CHECK_FALSE(later.parsed().contains("hours"));
  CHECK(later.parsed().at("isOpen") == true);
}

TEST_CASE("a restaurant that opens is another answer under the same version") {
  front_office o;
  REQUIRE(o.send("PUT", "/hours", weekdays).status == 200);
  auto closed = o.seen_by(user_role::customer);
  auto again = [&](const got& known) {
    return ask(o.p.port(), "GET", o.path, o.p.token(user_role::customer, somebody), "",
               {{"If-None-Match", known.header("etag")}});
  };
  CHECK(again(closed).status == 304);
  o.p.advance(1h + 30min);
  auto open = again(closed);
  CHECK(open.status == 200);
  CHECK(open.parsed().at("isOpen") == true);
  CHECK_FALSE(open.parsed().contains("opensAt"));
  CHECK(again(open).status == 304);
  // Either is the version that commands name.
  CHECK(o.send("PATCH", "/kitchen", {{"busyMinutes", 5}}, {{"If-Match", closed.header("etag")}}).status == 200);
  auto stale = o.send("PATCH", "/kitchen", {{"busyMinutes", 6}}, {{"If-Match", open.header("etag")}});
  CHECK(stale.status == 412);
  CHECK(code_of(stale) == "stale-version");
}

TEST_CASE("hours that can't be are refused, each by its place") {
  front_office o;
  json wrong{{"timeZone", "Asia/Atlantis"},
             {"weekly",
              {{{"day", "SOMEDAY"}, {"opens", "9:00"}, {"closes", "25:00"}},
               {{"day", "MONDAY"}, {"opens", "09:00"}, {"closes", "09:00"}},
               {{"day", "MONDAY"}, {"opens", "24:00"}, {"closes", "09:00"}}}},
             {"holidays", {{{"date", "2026-02-30"}}, {{"date", "2026-03-04"}}, {{"date", "2026-03-04"}}}}};
  auto answer = o.send("PUT", "/hours", wrong);
  REQUIRE(answer.status == 400);
  CHECK(pointers_of(answer) ==
        std::set<std::string>{"/timeZone", "/weekly/0/day", "/weekly/0/opens", "/weekly/0/closes", "/weekly/1/closes",
                              "/weekly/2/opens", "/holidays/0/date", "/holidays/2/date"});
  CHECK(pointers_of(o.send("PUT", "/hours", json::object())) == std::set<std::string>{"/timeZone", "/weekly"});
  CHECK(o.is_untouched());
}

TEST_CASE("kitchen settings are set one by one, and taken away by null") {
  front_office o;
  auto set = o.send(
      "PATCH", "/kitchen",
      {{"preparationMinutes", 20},
       {"busyUntil", "2026-03-01T12:00:00Z"},
       {"busyMinutes", 10},
       {"autoAccept", true},
       {"acceptMinutes", 3},
       {"ordersPerSlot", 12},
       {"slotMinutes", 30}});
  REQUIRE(set.status == 200);
  CHECK(set.parsed().at("kitchen") ==
        json{{"preparationMinutes", 20},
             {"busyUntil", "2026-03-01T12:00:00.000Z"},
             {"busyMinutes", 10},
             {"autoAccept", true},
             {"acceptMinutes", 3},
             {"ordersPerSlot", 12},
             {"slotMinutes", 30}});
  auto less =
      o.send("PATCH", "/kitchen", {{"preparationMinutes", nullptr}, {"busyUntil", nullptr}, {"autoAccept", false}});
  CHECK(less.parsed().at("kitchen") ==
        json{{"busyMinutes", 10},
             {"autoAccept", false},
             {"acceptMinutes", 3},
             {"ordersPerSlot", 12},
             {"slotMinutes", 30}});
  CHECK_FALSE(o.seen_by(user_role::customer).parsed().contains("kitchen"));
  CHECK_FALSE(o.seen_by(user_role::restaurant).parsed().contains("kitchen"));
  CHECK(o.seen_by(user_role::support).parsed().contains("kitchen"));
  auto wrong = o.send(
      "PATCH", "/kitchen",
      {{"preparationMinutes", 0},
       {"busyUntil", "soon"},
       {"busyMinutes", -1},
       {"autoAccept", "yes"},
       {"acceptMinutes", 241},
       {"ordersPerSlot", 0},
       {"slotMinutes", 7}});
  CHECK(pointers_of(wrong) == std::set<std::string>{"/preparationMinutes", "/busyUntil", "/busyMinutes", "/autoAccept",
                                                    "/acceptMinutes", "/ordersPerSlot", "/slotMinutes"});
}

TEST_CASE("a delivery area is a circle or a polygon, or none") {
  front_office o;
  auto circle = o.send("PUT", "/delivery-area", {{"radiusMetres", 5000}});
  REQUIRE(circle.status == 200);
  CHECK(circle.parsed().at("deliveryArea") == json{{"radiusMetres", 5000}});
  json corners{{{"latitude", 18.5}, {"longitude", 73.8}},
               {{"latitude", 18.5}, {"longitude", 73.9}},
               {{"latitude", 18.6}, {"longitude", 73.85}}};
  auto polygon = o.send("PUT", "/delivery-area", {{"polygon", corners}});
  REQUIRE(polygon.status == 200);
  CHECK(polygon.parsed().at("deliveryArea") == json{{"polygon", corners}});
  CHECK_FALSE(o.send("DELETE", "/delivery-area").parsed().contains("deliveryArea"));

  CHECK(o.send("PUT", "/delivery-area", {{"radiusMetres", 5000}, {"polygon", corners}}).status == 400);
  CHECK(o.send("PUT", "/delivery-area", json::object()).status == 400);
  CHECK(pointers_of(o.send("PUT", "/delivery-area", {{"radiusMetres", 100'001}})) ==
        std::set<std::string>{"/radiusMetres"});
  CHECK(pointers_of(o.send("PUT", "/delivery-area", {{"polygon", {corners[0], corners[1]}}})) ==
        std::set<std::string>{"/polygon"});
  corners.push_back({{"latitude", 18.4}, {"longitude", 73.85}});
  auto crossed = o.send("PUT", "/delivery-area", {{"polygon", {corners[0], corners[1], corners[3], corners[2]}}});
  CHECK(crossed.status == 400);
  CHECK(code_of(crossed) == "invalid-delivery-area");
}

TEST_CASE("papers are for the owner and operators") {
  front_office o;
  auto added =
      o.send("POST", "/documents",
             {{"kind", "FOOD_LICENCE"}, {"number", "11216335000123"}, {"note", "renewed"}, {"expiresOn", "2027-03-31"}},
             {{"Idempotency-Key", "k"}});
  REQUIRE(added.status == 201);
  auto document = added.parsed();
  CHECK(document.at("number") == "11216335000123");
  CHECK(document.at("expiresOn") == "2027-03-31");
  CHECK(o.send("GET", "/documents").parsed().at("items") == json::array({document}));
  CHECK(o.seen_by(user_role::admin, "/documents").parsed().at("items").size() == 1);
  CHECK(o.seen_by(user_role::support, "/documents").status == 403);
  CHECK(o.seen_by(user_role::customer).body.find("11216335000123") == std::string::npos);
  CHECK(pointers_of(o.send("POST", "/documents", {{"kind", "PASSPORT"}, {"expiresOn", "31.3.2027"}})) ==
        std::set<std::string>{"/kind", "/number", "/expiresOn"});
  auto id = document.at("documentId").get<std::string>();
  auto removed = o.send("DELETE", "/documents/" + id);
  CHECK(removed.status == 204);
  CHECK(removed.body.empty());
  CHECK(code_of(o.send("DELETE", "/documents/" + id)) == "document-not-found");
  CHECK(code_of(o.send("DELETE", "/documents/x")) == "document-not-found");
}

TEST_CASE("taking a restaurant out of service needs a reason, putting it back does not") {
  front_office o;
  auto path = "/v1/admin/restaurants/" + to_string(o.place.id) + "/verification";
  auto admin = o.p.token(user_role::admin, somebody);
  CHECK(ask(o.p.port(), "POST", path, admin, R"({"decision":"DEACTIVATE"})").status == 400);
  CHECK(ask(o.p.port(), "POST", path, admin, R"({"decision":"DEACTIVATE","reason":"complaints"})").status == 200);
  CHECK(ask(o.p.port(), "POST", path, admin, R"({"decision":"REACTIVATE"})").status == 200);
}

TEST_CASE("a closed restaurant says when it opens, and one that does not deliver there says so") {
  front_office o;
  REQUIRE(o.send("PUT", "/delivery-area", {{"radiusMetres", 5000}}).status == 200);
  CHECK(o.check_out(18.53).status == 201);
  auto too_far = o.check_out(18.6);
  CHECK(too_far.status == 422);
  CHECK(code_of(too_far) == "outside-delivery-area");
  REQUIRE(o.send("PUT", "/hours", weekdays).status == 200);
  auto closed = o.check_out(18.531);
  CHECK(closed.status == 409);
  CHECK(code_of(closed) == "restaurant-closed");
  CHECK(closed.parsed().at("opensAt") == "2026-03-01T12:30:00.000Z");
}

TEST_CASE("an order is placed under the settings that its kitchen has then") {
  front_office o;
  auto placed_under = [&](double latitude) {
    REQUIRE(o.check_out(latitude).status == 201);
    std::lock_guard lock{o.p.world().mutex};
    return std::get<place_order>(std::get<order_request>(o.p.world().told.back().second).command).kitchen;
  };
  CHECK(placed_under(18.53) == kitchen_terms{});
  REQUIRE(o.send("PATCH", "/kitchen",
                 {{"preparationMinutes", 20},
                  {"busyUntil", "2026-03-01T12:00:00Z"},
                  {"busyMinutes", 10},
                  {"autoAccept", true},
                  {"acceptMinutes", 3}})
              .status == 200);
  CHECK(placed_under(18.531) == kitchen_terms{30, 3, true});
  o.p.advance(1h);
  CHECK(placed_under(18.532) == kitchen_terms{20, 3, true});
}

}  // namespace
}  // namespace dabba::test
