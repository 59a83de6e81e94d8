/// One order through every layer of the running system.
#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;

const std::vector<std::string> steps{
    "order.placed",
    "order.accepted",
    "order.search_started",
    "order.partner_assigned",
    "order.preparation_started",
    "order.ready",
    "order.partner_at_restaurant",
    "order.picked_up",
    "order.partner_at_customer",
    "order.delivered"};

/// A token made by the program, as a developer would.
std::string token_of(const test_node& node, const std::string& role, const std::string& subject) {
  auto printed = run_dabba({"token", "--signing-key", node.signing_key(), "--role", role, "--subject", subject});
  return printed.substr(0, printed.find('\n'));
}

/// The `event` messages of a topic, until there are `count`.
std::vector<json> events(stream_client& from, const std::string& topic, std::size_t count) {
  std::vector<json> seen;
  while (seen.size() < count) {
    auto message = from.next(stream_client::default_patience);
    if (!message) break;
    if ((*message)["type"] == "event" && (*message)["topic"] == topic) seen.push_back(*message);
  }
  return seen;
}

std::vector<std::string> types_of(const std::vector<json>& events, const char* member) {
  std::vector<std::string> types;
  for (const auto& each : events) types.push_back(each[member]);
  return types;
}

/// The journal holds each step once, and the partner is free again.
void check_rows(const test_node& node, const std::string& order) {
  queries db{node.database()};
  auto journal = db.rows("select seq, type from ordering.journal where entity_id = '" + order + "' order by seq");
  REQUIRE(journal.size() == steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) CHECK(journal[i] == queries::row{std::to_string(i + 1), steps[i]});
  CHECK(db.number("select count(*) from delivery.assignment where active") == 0);
}

/// Who may see the order, and how much of it.
void check_views(const test_node& node, const json& order, http_client& owner, http_client& customer,
                 partner& deliverer) {
  auto path = "/v1/orders/" + order["orderId"].get<std::string>();
  auto seen_by_customer = expect(200, customer.get(path));
  CHECK(seen_by_customer["deliveryPin"] == order["deliveryPin"]);
  CHECK(seen_by_customer["total"] == 350.00);
  auto support = node.client("SUPPORT", new_uuid());
  for (auto* reader : {&owner, &deliverer.http(), &support}) {
    auto seen = expect(200, reader->get(path));
    CHECK(seen["orderId"] == order["orderId"]);
    CHECK_FALSE(seen.contains("deliveryPin"));
  }
  for (const auto* role : {"CUSTOMER", "RESTAURANT", "PARTNER"}) {
    INFO(role);
    auto somebody = node.client(role, new_uuid());
    CHECK(somebody.get(path).status == 404);
    CHECK(somebody.get(path + "/status").status == 404);
    CHECK(somebody.get(path + "/events").status == 404);
    CHECK(somebody.get(path + "/location").status == 404);
  }
  CHECK(node.stranger().get(path).status == 401);
}

}  // namespace

TEST_CASE("an order goes from the checkout to the door and leaves one row for each step") {
  test_node node;
  restaurant kitchen{node};
  auto tablet = node.stream("RESTAURANT", kitchen.owner());
  CHECK(tablet.ask({{"type", "subscribe"}, {"topic", kitchen.feed()}})["type"] == "ack");
  partner deliverer{node};
  CHECK(deliverer.go_online(north_of_centre(300))["status"] == "ONLINE");

  auto customer_id = new_uuid();
  auto customer_token = token_of(node, "CUSTOMER", customer_id);
  http_client customer{node.port(), customer_token};
  auto order = expect(201, customer.send(checkout_request(kitchen, new_uuid())));
  std::string id = order["orderId"];
  CHECK(order["status"] == "PENDING_RESTAURANT_ACCEPTANCE");
  CHECK(order["deliveryPin"].get<std::string>().size() == 4);
  stream_client app{node.port(), customer_token};
  CHECK(app.ask({{"type", "subscribe"}, {"topic", "orders/" + id}, {"since", 0}})["type"] == "ack");

  auto on_the_tablet = tablet.take("type", "order.new");
  CHECK(on_the_tablet["orderId"] == id);
  CHECK_FALSE(on_the_tablet["order"].contains("deliveryPin"));
  CHECK(kitchen.accept(id)["status"] == "ACCEPTED");

  auto offer = deliverer.phone().take("type", "offer");
  REQUIRE(offer["orders"].size() == 1);
  CHECK(offer["orders"][0]["orderId"] == id);
  auto award = deliverer.phone().ask({{"type", "offer.accept"}, {"offerId", offer["offerId"]}});
  INFO(award.dump());
  REQUIRE(award["type"] == "ack");
  CHECK(award["deliveries"][0]["orderId"] == id);
  CHECK_FALSE(award["deliveries"][0].contains("deliveryPin"));

  kitchen.prepare(id);
  check_views(node, order, kitchen.http(), customer, deliverer);
  expect(200, deliverer.report(id, "arrived"));
  expect(200, deliverer.report(id, "picked-up"));
  deliverer.phone().send({{"type", "location"},
                          {"latitude", town_centre.latitude},
                          {"longitude", town_centre.longitude},
                          {"at", expect(200, customer.get("/v1/clock"))["now"]}});
  CHECK(app.take("type", "location")["orderId"] == id);
  CHECK(expect(200, customer.get("/v1/orders/" + id + "/location"))["partnerId"] == deliverer.id());
  expect(200, deliverer.report(id, "arrived"));
  auto pin = order["deliveryPin"].get<std::string>();
  CHECK(deliverer.report(id, "delivered", {{"pin", pin == "0000" ? "0001" : "0000"}}).code() == "wrong-pin");
  CHECK(expect(200, deliverer.report(id, "delivered", {{"pin", pin}}))["orderStatus"] == "DELIVERED");

  auto seen = events(app, "orders/" + id, steps.size());
  CHECK(types_of(seen, "event") == steps);
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i]["seq"] == i + 1);
  auto last = expect(200, customer.get("/v1/orders/" + id));
  CHECK(last["status"] == "DELIVERED");
  CHECK(last["version"] == steps.size());
  auto history = expect(200, customer.get("/v1/orders/" + id + "/events"));
  CHECK(types_of(history["items"], "type") == steps);

  check_rows(node, id);
  CHECK(app.next(milliseconds{300}) == std::nullopt);
}

}  // namespace dabba::system_tests
