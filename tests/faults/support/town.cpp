#include "tests/faults/support/town.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "protocols/model/ids.hpp"

namespace dabba::fault_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto patience = 30s;
constexpr std::uint16_t shard_count = 256;

constexpr double first_latitude = 12.9716;
constexpr double longitude_of_all = 77.5946;
constexpr double town_to_town = 0.5;  // degrees
constexpr double kitchen_to_door = 0.01;

json address_at(double latitude, double longitude) {
  return {{"latitude", latitude}, {"longitude", longitude}, {"line", "1 Residency Road"}};
}

kitchen open_kitchen(cluster_under_test& cluster, double latitude) {
  kitchen made;
  made.latitude = latitude;
  made.longitude = longitude_of_all;
  made.owner = system_tests::new_uuid();
  auto ask = [&](const std::string& role, const std::string& who, const char* method, const std::string& target,
                 const json& body, unsigned wanted) {
    return insist(cluster, role, who, {method, target, body.dump(), {}}, wanted).json();
  };
  json profile{{"name", "Tiffin Room"},
               {"address", address_at(made.latitude, made.longitude)},
               {"contact", {{"phone", "+91 80 5550 1234"}}},
               {"licenseNumber", system_tests::new_uuid()}};
  made.id = ask("RESTAURANT", made.owner, "POST", "/v1/restaurants", profile, 201)["restaurantId"];
  ask("ADMIN", system_tests::new_uuid(), "POST", "/v1/admin/restaurants/" + made.id + "/verification",
      {{"decision", "APPROVE"}}, 200);
  ask("RESTAURANT", made.owner, "PATCH", "/v1/restaurants/" + made.id + "/status", {{"status", "ONLINE"}}, 200);
  json dish{{"name", "Masala dosa"}, {"type", "VEG"}, {"price", 175.00}, {"currency", "INR"}};
  made.item = ask("RESTAURANT", made.owner, "POST", "/v1/restaurants/" + made.id + "/menu/items", dish, 201)["itemId"];
  made.shard = shard_of(parse_uuid(made.id).value(), shard_count).value;
  return made;
}

}  // namespace

std::vector<kitchen> open_kitchens(cluster_under_test& cluster, std::size_t count, bool in_towns_of_their_own) {
  std::vector<kitchen> all;
  double apart = in_towns_of_their_own ? town_to_town : 0;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(open_kitchen(cluster, first_latitude + apart * static_cast<double>(i)));
  return all;
}

std::string checkout_body(const kitchen& from, const std::string& note) {
  json body{{"restaurantId", from.id},
            {"items", {{{"itemId", from.item}, {"quantity", 2}}}},
            {"address", address_at(from.latitude + kitchen_to_door, from.longitude)},
            {"paymentMethod", "COD"}};
  if (!note.empty()) body["note"] = note;
  return body.dump();
}

system_tests::http_response insist(cluster_under_test& cluster, const std::string& role, const std::string& subject,
                                   const system_tests::http_request& what, unsigned wanted) {
  std::optional<system_tests::http_response> got;
  std::size_t node = 0;
  auto final = [&] {
    try {
      got = cluster.client(node % cluster.size(), role, subject).send(what);
    } catch (const system_tests::no_answer&) {
      got.reset();
    }
    ++node;
    return got && got->status != 503;
  };
  if (!eventually(patience, final, 50ms)) throw std::runtime_error{"no answer to " + what.method + " " + what.target};
  if (got->status != wanted)
    throw std::runtime_error{
        fmt::format("{} {}: {} and not {}: {}", what.method, what.target, got->status, wanted, got->body)};
  return *got;
}

}  // namespace dabba::fault_tests
