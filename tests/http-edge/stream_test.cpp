/// The WebSocket: sign-in, positions, offers, and the codes it closes with.
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid deliverer = *parse_uuid("018f6f2c-0000-7000-8000-000000000003");
const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");

json location_at(int second) {
  return {{"type", "location"},
          {"latitude", 18.5},
          {"longitude", 73.8},
          {"speed", 3.0},
          {"at", "2026-03-01T11:" + std::string(second < 600 ? "0" : "") + std::to_string(second / 60) + ":" +
                     (second % 60 < 10 ? "0" : "") + std::to_string(second % 60) + "Z"}};
}

bool is_attached(platform& p, uuid who) {
  return wait_until(p.world(), [&, who] { return p.world().phones.contains(partner_id{who}); });
}

TEST_CASE("a socket signs in by header or by its first message") {
  platform p;
  websocket by_header{p.port(), p.token(user_role::customer, customer)};
  by_header.send({{"type", "ping"}, {"id", 4}});
  auto pong = by_header.next();
  CHECK(pong.at("type") == "ack");
  CHECK(pong.at("id") == 4);
  CHECK(pong.at("scale") == 1.0);
  websocket by_message{p.port()};
  by_message.send({{"type", "auth"}, {"token", p.token(user_role::customer, customer)}});
  CHECK(by_message.next().contains("now"));
}

TEST_CASE("who does not sign in first, or with nonsense, is closed with 4401") {
  platform p;
  websocket silent{p.port()};
  silent.send({{"type", "ping"}});
  CHECK(silent.wait_for_close() == 4401);
  websocket wrong{p.port()};
  wrong.send({{"type", "auth"}, {"token", "x.y.z"}});
  CHECK(wrong.wait_for_close() == 4401);
  CHECK_THROWS(websocket{p.port(), "x.y.z"});
}

TEST_CASE("a token that runs out closes the socket unless it was renewed") {
  platform p;
  websocket short_lived{p.port(), p.token(user_role::customer, customer, 3s)};
  websocket renewed{p.port(), p.token(user_role::customer, customer, 3s)};
  renewed.send({{"type", "auth"}, {"token", p.token(user_role::customer, customer)}});
  CHECK(renewed.next().at("type") == "ack");
  CHECK(short_lived.wait_for_close() == 4401);
  renewed.send({{"type", "ping"}, {"id", 1}});
  CHECK(renewed.next().at("id") == 1);
  renewed.send({{"type", "auth"}, {"token", p.token(user_role::customer, deliverer)}});
  CHECK(renewed.wait_for_close() == 4403);
}

TEST_CASE("what is no message closes with 4400, what is too big with 1009") {
  platform p;
  auto token = p.token(user_role::customer, customer);
  for (std::string bad : {"", "x", "[]", R"({"type":"nonsense"})", R"({"type":"ping")"}) {
    websocket line{p.port(), token};
    line.send_text(bad);
    CHECK(line.wait_for_close() == 4400);
  }
  websocket binary{p.port(), token};
  binary.send_text("{}", true);
  CHECK(binary.wait_for_close() == 4400);
  websocket big{p.port(), token};
  big.send_text(std::string(17 * 1024, ' '));
  CHECK(big.wait_for_close() == 1009);
  websocket broken{p.port(), token};
  broken.send_text("{\"type\":\"\xff\xfe\"}");
  CHECK(broken.wait_for_close() == 1007);
  CHECK(ask(p.port(), "GET", "/livez").status == 200);
}

TEST_CASE("wrong fields are refused and the connection goes on") {
  platform p;
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.send({{"type", "subscribe"}, {"id", 7}});
  auto refused = line.next();
  CHECK(refused.at("type") == "error");
  CHECK(refused.at("id") == 7);
  CHECK(refused.at("code") == "invalid-argument");
  line.send({{"type", "ping"}, {"id", 8}});
  CHECK(line.next().at("id") == 8);
}

TEST_CASE("a flood is closed with 4429") {
  platform p{{.frames_per_second = 10}};
  websocket line{p.port(), p.token(user_role::customer, customer)};
  for (int i = 0; i < 60; ++i) line.send({{"type", "ping"}});
  CHECK(line.wait_for_close() == 4429);
}

TEST_CASE("every position reaches the partner's actor, in order") {
  platform p{{.frames_per_second = 0}};
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  REQUIRE(is_attached(p, deliverer));
  // Until the answer to the sign-in is back only the newest hundred wait.
  line.send(location_at(0));
  REQUIRE(wait_until(p.world(), [&] { return p.world().positions.size() == 1; }));
  constexpr std::size_t count = 900;
  for (std::size_t i = 1; i < count; ++i) line.send(location_at(static_cast<int>(i)));
  CHECK(wait_until(p.world(), [&] { return p.world().positions.size() == count; }));
  std::lock_guard lock{p.world().mutex};
  CHECK(std::is_sorted(p.world().positions.begin(), p.world().positions.end(),
                       [](const location& a, const location& b) { return a.measured_at < b.measured_at; }));
}

TEST_CASE("positions find the partner's actor again when it ended") {
  platform p;
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  REQUIRE(is_attached(p, deliverer));
  line.send(location_at(1));
  CHECK(wait_until(p.world(), [&] { return p.world().positions.size() == 1; }));
  {
    std::lock_guard lock{p.world().mutex};
    p.world().phones.clear();
  }
  p.end_partner(partner_id{deliverer});
  REQUIRE(is_attached(p, deliverer));
  line.send(location_at(2));
  CHECK(wait_until(p.world(), [&] { return p.world().positions.size() == 2; }));
}

TEST_CASE("positions of somebody who is no partner close with 4403") {
  platform p;
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.send(location_at(1));
  CHECK(line.wait_for_close() == 4403);
}

TEST_CASE("an offer is shown once, and not after it was withdrawn") {
  platform p;
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  REQUIRE(is_attached(p, deliverer));
  offer first, second;
  first.id = offer_id{customer};
  second.id = offer_id{deliverer};
  {
    std::lock_guard lock{p.world().mutex};
    const auto& phone = p.world().phones[partner_id{deliverer}];
    for (int i = 0; i < 2; ++i) caf::anon_send(phone, make_offer{first});
    caf::anon_send(phone, withdraw_offer{second.id, withdrawal::taken});
    caf::anon_send(phone, make_offer{second});
    caf::anon_send(phone, withdraw_offer{first.id, withdrawal::taken});
  }
  CHECK(line.next().at("type") == "offer");
  auto early = line.next();
  CHECK(early.at("type") == "offer.withdrawn");
  CHECK(early.at("offerId") == to_string(second.id));
  auto last = line.next();
  CHECK(last.at("type") == "offer.withdrawn");
  CHECK(last.at("offerId") == to_string(first.id));
}

TEST_CASE("offers come to the partner's socket and are answered there") {
  platform p;
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  REQUIRE(is_attached(p, deliverer));
  offer made;
  made.id = offer_id{customer};
  made.offered.restaurant_name = "Annapurna";
  made.offered.stops.push_back({order_id{customer}, {1, 2}, "2 Lake Street"});
  made.offered.pay = {4500};
  {
    std::lock_guard lock{p.world().mutex};
    p.world().offers = {made};
    caf::anon_send(p.world().phones[partner_id{deliverer}], make_offer{made});
  }
  auto shown = line.next();
  CHECK(shown.at("type") == "offer");
  CHECK(shown.at("pay") == 45.0);
  CHECK(shown.at("pickup").at("name") == "Annapurna");
  CHECK(shown.dump().find("Lake Street") == std::string::npos);
  line.send({{"type", "offer.accept"}, {"id", 3}, {"offerId", to_string(made.id)}});
  auto accepted = line.next();
  CHECK(accepted.at("type") == "ack");
  CHECK(accepted.at("id") == 3);
  CHECK(accepted.at("deliveries").is_array());
  line.send({{"type", "offer.accept"}, {"id", 4}, {"offerId", to_string(deliverer)}});
  auto refused = line.next();
  CHECK(refused.at("type") == "error");
  CHECK(refused.at("code") == "offer-no-longer-available");
  {
    std::lock_guard lock{p.world().mutex};
    caf::anon_send(p.world().phones[partner_id{deliverer}], withdraw_offer{made.id, withdrawal::taken});
  }
  auto withdrawn = line.next();
  CHECK(withdrawn.at("type") == "offer.withdrawn");
  CHECK(withdrawn.at("reason") == "taken");
}

TEST_CASE("a socket whose session fails is closed with 1011") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.send({{"type", "subscribe"}, {"id", 1}, {"topic", "orders/" + to_string(placed.id)}});
  CHECK(line.next().at("type") == "ack");
  fail_subscribers(p.world(), ref(placed.id));
  CHECK(line.wait_for_close() == 1011);
}

TEST_CASE("a newer phone takes over, and a phone that goes signs off") {
  platform p;
  websocket line{p.port(), p.token(user_role::partner, deliverer)};
  REQUIRE(is_attached(p, deliverer));
  {
    std::lock_guard lock{p.world().mutex};
    caf::anon_send(p.world().phones[partner_id{deliverer}], replaced{});
  }
  CHECK(line.wait_for_close() == 4409);
  CHECK(wait_until(p.world(), [&] { return p.world().phones.empty(); }));
}

TEST_CASE("a reader that stays behind is closed with 1013") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  websocket line{p.port(), p.token(user_role::customer, customer)};
  line.stream().next_layer().socket().set_option(asio::socket_base::receive_buffer_size{4096});
  line.send({{"type", "subscribe"}, {"id", 1}, {"topic", "orders/" + to_string(placed.id)}});
  CHECK(line.next().at("type") == "ack");
  // Big events, so that the kernel's buffers fill as well.
  for (int i = 0; i < 12'000; ++i) p.happen(placed.id, order_stage_changed{std::string(1000, 'x')});
  auto text = ask(p.port(), "GET", "/metrics").body;
  auto until = std::chrono::steady_clock::now() + 10s;
  while (text.find("dabba_edge_queue_overflows_total 1") == std::string::npos &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(50ms);
    text = ask(p.port(), "GET", "/metrics").body;
  }
  CHECK(text.find("dabba_edge_queue_overflows_total 1") != std::string::npos);
}

TEST_CASE("stopping says goodbye with 1001") {
  platform p;
  websocket line{p.port(), p.token(user_role::customer, customer)};
  std::thread stopping{[&] { p.front().stop(); }};
  CHECK(line.wait_for_close() == 1001);
  stopping.join();
}

TEST_CASE("pages of other origins may not open a stream") {
  platform p{{.allowed_origins = {"https://ops.example"}}};
  auto token = p.token(user_role::customer, customer);
  CHECK_THROWS(websocket{p.port(), token, {{"Origin", "https://evil.example"}}});
  CHECK_NOTHROW(websocket{p.port(), token, {{"Origin", "https://ops.example"}}});
  CHECK_NOTHROW(websocket{p.port(), token, {{"Origin", "http://localhost:" + std::to_string(p.port())}}});
}

}  // namespace
}  // namespace dabba::test
