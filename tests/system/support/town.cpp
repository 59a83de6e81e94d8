#include "tests/system/support/town.hpp"

#include <stdexcept>

namespace dabba::system_tests {
namespace {

using nlohmann::json;

constexpr double metres_per_degree = 111'195;
constexpr milliseconds retry_pause{25};

json position(place at) { return {{"latitude", at.latitude}, {"longitude", at.longitude}}; }

json address(place at) {
  auto made = position(at);
  made["line"] = "1 Residency Road";
  return made;
}

}  // namespace

place north_of_centre(double metres) {
  return {town_centre.latitude + metres / metres_per_degree, town_centre.longitude};
}

json expect(unsigned status, const http_response& got) {
  if (got.status == status) return got.json();
  throw std::runtime_error{
      "wanted " + std::to_string(status) + ", got " + std::to_string(got.status) + ": " + got.body};
}

http_response insist(http_client& client, const http_request& request, milliseconds patience) {
  std::optional<http_response> got;
  auto try_once = [&] {
    try {
      got = client.send(request);
    } catch (const no_answer&) {
      got.reset();
    }
    return got && got->status != 503;
  };
  if (!eventually(patience, try_once, retry_pause)) throw no_answer{"no answer to " + request.target};
  return *got;
}

restaurant::restaurant(const test_node& node, place at) : owner_{new_uuid()}, http_{node.client("RESTAURANT", owner_)} {
  json profile{{"name", "Tiffin Room"},
               {"address", address(at)},
               {"contact", {{"phone", "+91 80 5550 1234"}}},
               {"licenseNumber", new_uuid()}};
  id_ = expect(201, http_.post("/v1/restaurants", profile))["restaurantId"];
  auto admin = node.client("ADMIN", new_uuid());
  expect(200, admin.post("/v1/admin/restaurants/" + id_ + "/verification", {{"decision", "APPROVE"}}));
  expect(200, http_.patch("/v1/restaurants/" + id_ + "/status", {{"status", "ONLINE"}}));
  json dish{{"name", "Masala dosa"}, {"type", "VEG"}, {"price", 175.00}, {"currency", "INR"}};
  item_ = expect(201, http_.post("/v1/restaurants/" + id_ + "/menu/items", dish))["itemId"];
}

std::string restaurant::path_of(const std::string& order, const std::string& command) const {
  return "/v1/restaurants/" + id_ + "/orders/" + order + "/" + command;
}

json restaurant::accept(const std::string& order, int preparation_minutes) {
  return expect(200, http_.post(path_of(order, "accept"), {{"preparationMinutes", preparation_minutes}}));
}

json restaurant::prepare(const std::string& order) {
  expect(200, http_.post(path_of(order, "start"), json::object()));
  return expect(200, http_.post(path_of(order, "ready"), json::object()));
}

json checkout_of(const restaurant& from, const std::string& note) {
  json body{{"restaurantId", from.id()},
            {"items", {{{"itemId", from.item()}, {"quantity", 2}}}},
            {"address", address(north_of_centre(1500))},
            {"paymentMethod", "COD"}};
  if (!note.empty()) body["note"] = note;
  return body;
}

http_request checkout_request(const restaurant& from, const std::string& key, const std::string& note) {
  return {"POST", "/v1/orders/checkout", checkout_of(from, note).dump(), {{"Idempotency-Key", key}}};
}

json customer::order(const restaurant& from) { return expect(201, http_.send(checkout_request(from, new_uuid()))); }

json partner::go_online(place at) {
  auto body = position(at);
  body["status"] = "ONLINE";
  return expect(200, http_.patch("/v1/partners/me/availability", body));
}

http_response partner::report(const std::string& order, const std::string& command, const json& body) {
  return http_.post("/v1/deliveries/" + order + "/" + command, body);
}

void partner::deliver(const std::string& order, const std::string& pin) {
  expect(200, report(order, "arrived"));
  expect(200, report(order, "picked-up"));
  expect(200, report(order, "arrived"));
  expect(200, report(order, "delivered", {{"pin", pin}}));
}

}  // namespace dabba::system_tests
