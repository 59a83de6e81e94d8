/// What nobody should send: each piece gets the answer that docs/api.md promises, leaves no row and ends nothing.
#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/steadfast_town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;

http_response check_out(steadfast_town& in, const json& body) {
  return in.hungry.http().post("/v1/orders/checkout", body, {{"Idempotency-Key", new_uuid()}});
}

struct spoilt_field {
  const char* pointer;
  std::optional<json> value;
};

/// A body with one value replaced, or without it.
json spoilt(json body, const spoilt_field& by) {
  json::json_pointer where{by.pointer};
  if (by.value)
    body[where] = *by.value;
  else
    body.at(where.parent_pointer()).erase(where.back());
  return body;
}

std::string text_of(const spoilt_field& x) {
  return std::string{x.pointer} + " = " + (x.value ? x.value->dump() : "nothing").substr(0, 100);
}

constexpr auto absent = std::nullopt;

}  // namespace

TEST_CASE("bodies that are not JSON, or not the JSON asked for, are refused by what is wrong with them") {
  steadfast_town in;
  auto& http = in.hungry.http();
  auto send = [&](const std::string& body, const std::string& type) {
    return http.send({"POST", "/v1/orders/checkout", body, {{"Idempotency-Key", new_uuid()}, {"Content-Type", type}}});
  };
  auto good = checkout_of(in.kitchen).dump();
  for (const std::string& text :
       {std::string{"{"}, std::string{"nothing"}, good + good, good.substr(0, good.size() / 2),
        std::string{"{\"note\": \"\xff\xfe\"}"}, std::string{"{\"note\": \"\\ud800\"}"}, std::string{"{\"tip\": NaN}"},
        std::string{"{\"tip\": 01}"}, std::string(100'000, '['), std::string{"\0{}", 3}})
    check_problem(send(text, "application/json"), 400, "malformed-json");
  check_problem(send("[]", "application/json"), 400, "invalid-argument");
  check_problem(send("7", "application/json"), 400, "invalid-argument");
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""})
    check_problem(send(good, type), 415, "unsupported-media-type");
  in.check_unharmed();
}

TEST_CASE("fields with values that cannot be are named in the refusal") {
  steadfast_town in;
  auto order = checkout_of(in.kitchen);
  order["tip"] = 10;
  for (const spoilt_field& each : std::vector<spoilt_field>{
           {"/restaurantId", "x"},
           {"/restaurantId", absent},
           {"/restaurantId", 7},
           {"/items", json::array()},
           {"/items", absent},
           {"/items/0", 7},
           {"/items/0/itemId", "not-a-uuid"},
           {"/items/0/quantity", 0},
           {"/items/0/quantity", 100},
           {"/items/0/quantity", -1},
           {"/items/0/quantity", 1.5},
           {"/items/0/quantity", "2"},
           {"/items/0/quantity", 1e300},
           {"/address/latitude", 90.1},
           {"/address/latitude", -90.1},
           {"/address/longitude", 180.1},
           {"/address/longitude", -181},
           {"/address/latitude", "12.9"},
           {"/address/latitude", nullptr},
           {"/address/longitude", 1e308},
           {"/address/line", ""},
           {"/address", absent},
           {"/address", "here"},
           {"/paymentMethod", "SHELLS"},
           {"/paymentMethod", absent},
           {"/tip", -1},
           {"/tip", 0.001},
           {"/tip", 1e15},
           {"/note", std::string(3000, 'x')},
           {"/note", "bell \a"}}) {
    INFO(text_of(each));
    check_problem(check_out(in, spoilt(order, each)), 400, "invalid-argument", each.pointer);
  }
  json dish{{"name", "Idli"}, {"type", "VEG"}, {"price", 40}, {"currency", "INR"}};
  for (const spoilt_field& each : std::vector<spoilt_field>{
           {"/name", absent},
           {"/name", std::string(201, 'x')},
           {"/type", "MEAT"},
           {"/price", -1},
           {"/price", "40"},
           {"/price", 1.234},
           {"/currency", "XYZ1"},
           {"/isAvailable", "yes"}}) {
    INFO(text_of(each));
    check_problem(in.kitchen.http().post("/v1/restaurants/" + in.kitchen.id() + "/menu/items", spoilt(dish, each)), 400,
                  "invalid-argument", each.pointer);
  }
  for (int minutes : {0, 241, -5})
    check_problem(in.kitchen.http().post(in.kitchen.path_of(in.waiting, "accept"), {{"preparationMinutes", minutes}}),
                  400, "invalid-argument", "/preparationMinutes");
  auto& phone = in.deliverer.http();
  check_problem(
      phone.patch("/v1/partners/me/availability", {{"status", "ASLEEP"}}), 400, "invalid-argument", "/status");
  check_problem(
      phone.post("/v1/partners/me/locations", {{"locations", json::array()}}), 400, "invalid-argument", "/locations");
  json nowhere{{"latitude", 91}, {"longitude", 0}, {"at", "2026-03-01T11:00:00Z"}};
  check_problem(phone.post("/v1/partners/me/locations", {{"locations", {nowhere}}}), 400, "invalid-argument",
                "/locations/0/latitude");
  in.check_unharmed();
}

TEST_CASE("requests that are well formed and cannot be met say why") {
  steadfast_town in;
  auto order = checkout_of(in.kitchen);
  check_problem(check_out(in, spoilt(order, {"/restaurantId", new_uuid()})), 404, "restaurant-not-found");
  check_problem(check_out(in, spoilt(order, {"/items/0/itemId", new_uuid()})), 404, "item-not-found");
  check_problem(check_out(in, spoilt(order, {"/paymentMethod", "CARD"})), 422, "payment-method-unavailable");
  auto& http = in.hungry.http();
  check_problem(http.post("/v1/orders/checkout", order), 400, "idempotency-key-missing");
  check_problem(
      http.post("/v1/orders/checkout", order, {{"Idempotency-Key", std::string(129, 'k')}}), 400, "invalid-argument");
  check_problem(http.post("/v1/orders/checkout", order, {{"Idempotency-Key", "\x01"}}), 400, "");

  for (const auto* id : {"7", "not-a-uuid", "%00", "00000000-0000-0000-0000-00000000000g"})
    check_problem(http.get(std::string{"/v1/orders/"} + id), 404, "order-not-found");
  check_problem(http.get("/v1/orders/" + new_uuid()), 404, "order-not-found");
  check_problem(http.get("/v1/restaurants/" + new_uuid()), 404, "restaurant-not-found");
  check_problem(http.get("/v1/orders/" + in.waiting + "/location"), 404, "no-location");
  check_problem(http.get("/v1/nothing"), 404, "not-found");
  for (const auto* query : {"limit=0", "limit=201", "limit=ten", "status=LOST", "cursor=x"})
    check_problem(
        in.kitchen.http().get("/v1/restaurants/" + in.kitchen.id() + "/orders?" + query), 400, "invalid-argument");
  check_problem(http.get("/v1/orders/" + in.waiting + "/events?since=-1"), 400, "invalid-argument");
  check_problem(in.deliverer.http().post("/v1/offers/" + new_uuid() + "/accept", json::object()), 409,
                "offer-no-longer-available");
  in.check_unharmed();
}

TEST_CASE("transitions that the order's state does not allow are refused") {
  steadfast_town in;
  auto& owner = in.kitchen.http();
  auto& phone = in.deliverer;
  for (const auto* command : {"start", "ready"})
    check_problem(owner.post(in.kitchen.path_of(in.waiting, command), json::object()), 409, "illegal-transition");
  check_problem(
      owner.post(in.kitchen.path_of(in.delivered, "accept"), {{"preparationMinutes", 5}}), 409, "illegal-transition");
  check_problem(
      owner.post(in.kitchen.path_of(in.delivered, "reject"), {{"reason", "late"}}), 409, "illegal-transition");
  check_problem(
      in.hungry.http().post("/v1/orders/" + in.delivered + "/cancel", json::object()), 409, "illegal-transition");
  for (const auto* command : {"arrived", "picked-up", "release"})
    check_problem(phone.report(in.delivered, command), 409, "illegal-transition");
  check_problem(phone.report(in.delivered, "delivered", {{"pin", "0000"}}), 409, "illegal-transition");
  check_problem(phone.report(in.waiting, "arrived"), 404, "");
  auto admin = in.node.client("ADMIN", new_uuid());
  check_problem(admin.post("/v1/admin/restaurants/" + in.kitchen.id() + "/verification", {{"decision", "APPROVE"}}),
                409, "illegal-transition");
  auto cancel = "/v1/orders/" + in.waiting + "/cancel";
  check_problem(in.hungry.http().post(cancel, json::object(), {{"If-Match", "\"99\""}}), 412, "stale-version");
  check_problem(in.hungry.http().post(cancel, json::object(), {{"If-Match", "99"}}), 400, "invalid-argument");

  // Other people's things, and other roles' commands.
  restaurant elsewhere{in.node};
  in.remember();
  check_problem(elsewhere.http().post(elsewhere.path_of(in.waiting, "accept"), {{"preparationMinutes", 5}}), 404,
                "order-not-found");
  check_problem(elsewhere.http().post(in.kitchen.path_of(in.waiting, "accept"), {{"preparationMinutes", 5}}), 404,
                "restaurant-not-found");
  check_problem(
      in.hungry.http().post(in.kitchen.path_of(in.waiting, "accept"), {{"preparationMinutes", 5}}), 403, "forbidden");
  check_problem(
      owner.post("/v1/orders/checkout", checkout_of(in.kitchen), {{"Idempotency-Key", "k"}}), 403, "forbidden");
  check_problem(in.hungry.http().get("/v1/admin/searches/" + in.waiting), 403, "forbidden");
  in.check_unharmed();
}

}  // namespace dabba::system_tests
