/// Subscriptions: everything after a sequence number, each event once and in order, whatever is lost on the way.
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");
const uuid deliverer = *parse_uuid("018f6f2c-0000-7000-8000-000000000003");
const uuid operators = *parse_uuid("018f6f2c-0000-7000-8000-000000000004");

json subscription(const std::string& topic, std::optional<int> since = std::nullopt) {
  json made{{"type", "subscribe"}, {"id", 1}, {"topic", topic}};
  if (since) made["since"] = *since;
  return made;
}

TEST_CASE("a subscription begins after what was seen and misses nothing") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  for (int i = 0; i < 3; ++i) p.happen(placed.id, order_stage_changed{std::to_string(i)});
  websocket line{p.port(), p.token(user_role::customer, customer)};
  auto topic = "orders/" + to_string(placed.id);
  line.send(subscription(topic, 2));
  auto ack = line.next();
  CHECK(ack.at("type") == "ack");
  CHECK(ack.at("seq") == 4);
  for (int seq : {3, 4}) {
    auto event = line.next();
    CHECK(event.at("topic") == topic);
    CHECK(event.at("seq") == seq);
    CHECK(event.at("event") == "order.stage_changed");
  }
  p.happen(placed.id, order_ready{});
  CHECK(line.next().at("seq") == 5);
}

TEST_CASE("a lost publication is read from the journal when the next one shows the gap") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.send(subscription("orders/" + to_string(placed.id)));
  CHECK(line.next().at("seq") == 1);
  std::uint32_t seed = 3;
  auto is_lost = [&] { return (seed = seed * 1'664'525 + 1'013'904'223) >> 24 < 100; };
  constexpr int count = 400;
  for (int i = 0; i < count; ++i) p.happen(placed.id, order_stage_changed{"x"}, !is_lost());
  p.happen(placed.id, order_ready{});
  for (int seq = 2; seq <= count + 2; ++seq) REQUIRE(line.next().at("seq") == seq);
}

TEST_CASE("a client that drops and resumes ends with the journal's sequence") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  auto topic = "orders/" + to_string(placed.id);
  auto token = p.token(user_role::customer, customer);
  std::vector<int> seen;
  for (int round = 0; round < 15; ++round) {
    websocket line{p.port(), token};
    line.send(subscription(topic, seen.empty() ? 0 : seen.back()));
    REQUIRE(line.next().at("type") == "ack");
    for (int i = 0; i < 7; ++i) p.happen(placed.id, order_stage_changed{"x"}, i % 3 != 0);
    // Reads some of what comes and goes away in the middle.
    for (int i = 0; i < 5; ++i) {
      auto event = line.next();
      REQUIRE(event.is_object());
      seen.push_back(event.at("seq"));
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i) REQUIRE(seen[i] == static_cast<int>(i) + 1);
}

TEST_CASE("a long history comes whole, page by page") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  constexpr int count = 3000;
  for (int i = 1; i < count; ++i) p.happen(placed.id, order_stage_changed{"x"}, false);
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.send(subscription("orders/" + to_string(placed.id), 0));
  CHECK(line.next().at("seq") == count);
  for (int seq = 1; seq <= count; ++seq) REQUIRE(line.next().at("seq") == seq);
}

TEST_CASE("topics of others are not there") {
  platform p;
  auto shop = p.add_restaurant();
  auto placed = p.add_order(user_id{customer}, shop);
  websocket line{p.port(), p.token(user_role::customer, deliverer)};
  for (auto [topic, code] :
       {std::pair{"orders/" + to_string(placed.id), "order-not-found"},
        std::pair{"restaurants/" + to_string(shop.id) + "/orders", "restaurant-not-found"},
        std::pair{std::string{"partners/me"}, "not-found"}, std::pair{std::string{"city/3bae4"}, "not-found"},
        std::pair{std::string{"nonsense"}, "not-found"}, std::pair{std::string{"orders/x"}, "order-not-found"}}) {
    line.send(subscription(topic));
    auto refused = line.next();
    CHECK(refused.at("type") == "error");
    CHECK(refused.at("code") == code);
  }
}

TEST_CASE("a restaurant's feed has the events of its orders by position, and order.new beside a new one") {
  platform p;
  auto shop = p.add_restaurant();
  auto other = p.add_restaurant();
  websocket line{p.port(), p.token(user_role::restaurant, shop.profile.owner.value)};
  line.send(subscription("restaurants/" + to_string(shop.id) + "/orders"));
  CHECK(line.next().at("type") == "ack");
  auto first = p.add_order(user_id{customer}, shop);
  p.add_order(user_id{customer}, other);
  auto second = p.add_order(user_id{customer}, shop);
  p.happen(first.id, order_accepted{10, {}, {}});
  std::vector<std::string> kinds;
  int last = 0;
  for (int i = 0; i < 5; ++i) {
    auto message = line.next();
    REQUIRE(message.is_object());
    kinds.push_back(message.value("event", message.at("type").get<std::string>()));
    if (!message.contains("seq")) continue;
    CHECK(message.at("seq") > last);
    last = message.at("seq");
    CHECK((message.at("data").at("orderId") == to_string(first.id) ||
           message.at("data").at("orderId") == to_string(second.id)));
    CHECK(message.dump().find("4711") == std::string::npos);
  }
  CHECK(kinds == std::vector<std::string>{"order.placed", "order.new", "order.placed", "order.new", "order.accepted"});
}

TEST_CASE("a feed is resumed from its position") {
  platform p;
  auto shop = p.add_restaurant();
  auto first = p.add_order(user_id{customer}, shop);
  p.happen(first.id, order_accepted{10, {}, {}}, false);
  p.happen(first.id, order_ready{}, false);
  websocket line{p.port(), p.token(user_role::restaurant, shop.profile.owner.value)};
  line.send(subscription("restaurants/" + to_string(shop.id) + "/orders", 1));
  CHECK(line.next().at("type") == "ack");
  p.happen(first.id, order_stage_changed{"x"});
  for (int seq : {2, 3, 4}) CHECK(line.next().at("seq") == seq);
}

TEST_CASE("the position of an order's partner is shown, the latest only") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.send(subscription("orders/" + to_string(placed.id)));
  CHECK(line.next().at("type") == "ack");
  {
    std::lock_guard lock{p.world().mutex};
    for (const auto& each : p.world().subscribers[ref(placed.id)])
      caf::anon_send(each, carrier_moved{placed.id, partner_id{deliverer}, location{{18.5, 73.8}, {}, {}, {}, {}}});
  }
  auto moved = line.next();
  CHECK(moved.at("type") == "location");
  CHECK(moved.at("orderId") == to_string(placed.id));
  CHECK_FALSE(moved.contains("partnerId"));
}

TEST_CASE("nothing comes after unsubscribing") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  auto topic = "orders/" + to_string(placed.id);
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.send(subscription(topic));
  CHECK(line.next().at("type") == "ack");
  line.send({{"type", "unsubscribe"}, {"id", 2}, {"topic", topic}});
  CHECK(line.next().at("id") == 2);
  CHECK(wait_until(p.world(), [&] { return p.world().subscribers[ref(placed.id)].empty(); }));
  p.happen(placed.id, order_ready{});
  line.send({{"type", "ping"}, {"id", 3}});
  CHECK(line.next().at("id") == 3);
}

TEST_CASE("the live city comes as a snapshot and deltas, one at a time") {
  platform p;
  auto zone = *parse_zone("3bae4");
  websocket line{p.port(), p.token(user_role::support, operators)};
  line.send(subscription("city/3bae4"));
  CHECK(line.next().at("type") == "ack");
  session_actor board_view;
  {
    std::lock_guard lock{p.world().mutex};
    board_view = *p.world().subscribers[board_ref(zone)].begin();
  }
  caf::scoped_actor board{p.system()};
  city_update update;
  update.zone = zone;
  update.snapshot = true;
  update.partners.push_back({partner_id{deliverer}, {18.5, 73.8}, partner_activity::to_customer});
  update.counters.delivered = 480;
  for (std::string type : {"city.snapshot", "city.delta"}) {
    bool is_written = false;
    board->request(board_view, 5s, update).receive([&] { is_written = true; }, [](const caf::error&) {});
    CHECK(is_written);
    auto shown = line.next();
    CHECK(shown.at("type") == type);
    CHECK(shown.at("topic") == "city/3bae4");
    CHECK(shown.at("seq") == (type == "city.snapshot" ? 1 : 2));
    CHECK(shown.at("partners").at(0).at("state") == "TO_CUSTOMER");
    CHECK(shown.at("counters").at("delivered") == 480);
    update.snapshot = false;
  }
}

TEST_CASE("on a node with an open city everybody sees the city and the steps of orders") {
  platform p{{.open_city = true}};
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  websocket line{p.port()};
  line.send(subscription("city/3bae4"));
  CHECK(line.next().at("type") == "ack");
  line.send(subscription("orders/" + to_string(placed.id), 0));
  CHECK(line.next().at("type") == "ack");
  auto event = line.next();
  CHECK(event.at("event") == "order.placed");
  for (std::string secret : {"4711", "Lake Street", "ring twice"})
    CHECK(event.dump().find(secret) == std::string::npos);
}

}  // namespace
}  // namespace dabba::test
