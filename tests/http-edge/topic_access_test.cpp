/// Who may read what over a WebSocket, and how much of it: also after something has changed.
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");
const uuid deliverer = *parse_uuid("018f6f2c-0000-7000-8000-000000000003");
const uuid successor = *parse_uuid("018f6f2c-0000-7000-8000-000000000004");

json subscription(const std::string& topic, std::optional<std::uint64_t> since = std::nullopt) {
  json made{{"type", "subscribe"}, {"id", 1}, {"topic", topic}};
  if (since) made["since"] = *since;
  return made;
}

std::string topic_of(const order& x) { return "orders/" + to_string(x.id); }

void give_to(platform& p, order_id which, uuid partner) {
  std::lock_guard lock{p.world().mutex};
  p.world().orders[which].carried_by = carrier{partner_id{partner}, {}, {}, 0, 0};
}

/// Tells the order's subscribers where a partner is.
void move(platform& p, order_id which, uuid partner) {
  std::lock_guard lock{p.world().mutex};
  for (const auto& each : p.world().subscribers[ref(which)])
    caf::anon_send(each, carrier_moved{which, partner_id{partner}, location{{18.5, 73.8}, {}, {}, {}, {}}});
}

void follow(websocket& line, const order& x) {
  line.send(subscription(topic_of(x)));
  REQUIRE(line.next().at("type") == "ack");
}

/// The messages that come until the answer to a ping.
std::vector<json> until_pong(websocket& line) {
  line.send({{"type", "ping"}, {"id", 99}});
  std::vector<json> seen;
  for (auto next = line.next(); !next.is_null() && next.value("id", 0) != 99; next = line.next()) seen.push_back(next);
  return seen;
}

TEST_CASE("who gave an order back reads it no longer") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  give_to(p, placed.id, deliverer);
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  follow(line, placed);
  move(p, placed.id, deliverer);
  CHECK(line.next().at("type") == "location");
  p.happen(placed.id, order_partner_released{partner_id{deliverer}, "flat tyre"});
  p.happen(placed.id, order_partner_assigned{carrier{partner_id{successor}, {}, {}, 0, 0}});
  move(p, placed.id, successor);
  CHECK(line.next().at("event") == "order.partner_released");
  auto end = line.next();
  CHECK(end.at("type") == "error");
  CHECK(end.at("topic") == topic_of(placed));
  CHECK(end.at("code") == "forbidden");
  CHECK(wait_until(p.world(), [&] { return p.world().subscribers[ref(placed.id)].empty(); }));
  CHECK(until_pong(line).empty());
}

TEST_CASE("a release is found although its publication was lost") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  give_to(p, placed.id, deliverer);
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  follow(line, placed);
  p.happen(placed.id, order_partner_released{partner_id{deliverer}, ""}, false);
  move(p, placed.id, successor);
  CHECK(until_pong(line).empty());
  p.happen(placed.id, order_stage_changed{"secret"});
  CHECK(line.next().at("event") == "order.partner_released");
  CHECK(line.next().at("code") == "forbidden");
  CHECK(until_pong(line).empty());
}

TEST_CASE("who gave an order back and got it again reads all of it") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  p.happen(placed.id, order_partner_released{partner_id{deliverer}, ""});
  p.happen(placed.id, order_partner_assigned{carrier{partner_id{deliverer}, {}, {}, 0, 0}});
  give_to(p, placed.id, deliverer);
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  line.send(subscription(topic_of(placed), 0));
  REQUIRE(line.next().at("type") == "ack");
  p.happen(placed.id, order_partner_released{partner_id{successor}, ""});
  for (int seq : {1, 2, 3, 4}) CHECK(line.next().at("seq") == seq);
  CHECK(until_pong(line).empty());
}

TEST_CASE("guests of an open city see no positions of an order's partner") {
  platform p{{.open_city = true}};
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  give_to(p, placed.id, deliverer);
  websocket guest{p.port()};
  websocket stranger{p.port(), p.token(user_role::customer, successor)};
  websocket customers{p.port(), p.token(user_role::customer, customer)};
  for (auto* line : {&guest, &stranger, &customers}) {
    line->send(subscription(topic_of(placed)));
    REQUIRE(line->next().at("type") == "ack");
  }
  {
    std::lock_guard lock{p.world().mutex};
    std::vector<bool> guests;
    for (const auto& [to, body] : p.world().told)
      if (const auto* asked = std::get_if<subscribe>(&body)) guests.push_back(asked->is_guest);
    CHECK(guests == std::vector{true, true, false});
  }
  move(p, placed.id, deliverer);
  CHECK(customers.next().at("type") == "location");
  CHECK(until_pong(guest).empty());
  CHECK(until_pong(stranger).empty());
  auto path = "/v1/orders/" + to_string(placed.id) + "/location";
  CHECK(ask(p.port(), "GET", path).status == 401);
  CHECK(ask(p.port(), "GET", path, p.token(user_role::customer, successor)).status == 404);
}

TEST_CASE("a guest holds a few subscriptions, also when it asks for many at once") {
  platform p{{.open_city = true}};
  auto shop = p.add_restaurant();
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < 3 * limits::subscriptions_per_guest; ++i)
    topics.push_back(topic_of(p.add_order(user_id{customer}, shop)));
  auto held_by = [&](websocket& line) {
    for (const auto& each : topics) line.send(subscription(each));
    std::size_t held = 0;
    for (std::size_t i = 0; i < topics.size(); ++i) {
      auto answer = line.next();
      if (answer.at("type") == "ack")
        ++held;
      else
        CHECK(answer.at("code") == "too-many-subscriptions");
    }
    return held;
  };
  websocket guest{p.port()};
  CHECK(held_by(guest) == limits::subscriptions_per_guest);
  guest.send(subscription("city/3bae4"));
  auto refused = guest.next();
  CHECK(refused.at("code") == "too-many-subscriptions");
  CHECK(refused.at("detail") == "this socket may hold 8 subscriptions");
  websocket known{p.port(), p.token(user_role::customer, customer)};
  CHECK(held_by(known) == topics.size());
}

TEST_CASE("a guest may change what it looks at") {
  platform p{{.open_city = true}};
  auto shop = p.add_restaurant();
  websocket guest{p.port()};
  std::string last;
  for (std::size_t i = 0; i < 2 * limits::subscriptions_per_guest; ++i) {
    if (i >= limits::subscriptions_per_guest) {
      guest.send({{"type", "unsubscribe"}, {"id", 2}, {"topic", last}});
      REQUIRE(guest.next().at("type") == "ack");
    }
    last = topic_of(p.add_order(user_id{customer}, shop));
    guest.send(subscription(last));
    REQUIRE(guest.next().at("type") == "ack");
  }
  guest.send(subscription(last));
  CHECK(guest.next().at("type") == "ack");
}

TEST_CASE("a zone that cannot be is not there") {
  platform p{{.open_city = true}};
  websocket line{p.port()};
  for (std::string zone : {"ffff", "1", "", "0", "zz", "3bae43bae43bae4443", "-1", "3bae4/", "3ffc"}) {
    INFO(zone);
    line.send(subscription("city/" + zone));
    auto refused = line.next();
    CHECK(refused.at("type") == "error");
    CHECK(refused.value("code", "") == "not-found");
  }
  std::lock_guard lock{p.world().mutex};
  CHECK(p.world().told.empty());
}

TEST_CASE("a resume point that never was is refused, and one that the actor has forgotten is not") {
  platform p;
  auto shop = p.add_restaurant();
  auto placed = p.add_order(user_id{customer}, shop);
  websocket line{p.port(), p.token(user_role::customer, customer)};
  for (std::uint64_t since : {2ULL, 9'000'000'000'000'000ULL}) {
    line.send(subscription(topic_of(placed), since));
    auto refused = line.next();
    CHECK(refused.at("type") == "error");
    CHECK(refused.at("id") == 1);
    CHECK(refused.at("code") == "resume-point-lost");
    CHECK_FALSE(refused.at("detail").get<std::string>().empty());
  }
  line.send(subscription(topic_of(placed), 1));
  CHECK(line.next().at("type") == "ack");
  // The canned restaurant says 0, as one does that was started anew: its feed is in the journal.
  websocket owner{p.port(), p.token(user_role::restaurant, shop.profile.owner.value)};
  auto feed = "restaurants/" + to_string(shop.id) + "/orders";
  owner.send(subscription(feed, 1));
  CHECK(owner.next().at("type") == "ack");
  owner.send(subscription(feed, 2));
  CHECK(owner.next().at("code") == "resume-point-lost");
}

}  // namespace
}  // namespace dabba::test
