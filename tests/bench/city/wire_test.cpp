#include "bench/city/wire.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace dabba::city;

TEST_CASE("an offer is read with its orders in drop-off sequence") {
  const auto message = parse_server_message(
      R"({"type":"offer","offerId":"f1","jobId":"j1","restaurantId":"r1","pickup":{"name":"R","latitude":1},)"
      R"("orders":[{"orderId":"b","dropoff":{"latitude":1,"longitude":2}},{"orderId":"a"}],"pay":1.5,)"
      R"("readyBy":"2026-03-01T11:00:00.000Z","departAt":"2026-03-01T11:00:00.000Z","currency":"INR",)"
      R"("expiresAt":"2026-03-01T11:01:00.000Z","next":true})");
  const auto& offer = std::get<offer_view>(message);
  CHECK(offer.id == "f1");
  CHECK(offer.orders == std::vector<std::string>{"b", "a"});
  CHECK(offer.expires_at - offer.ready_by == std::chrono::minutes{1});
  CHECK(offer.next);
}

TEST_CASE("acks, refusals, events and withdrawals are told apart") {
  CHECK(std::get<ack_message>(parse_server_message(R"({"type":"ack","id":4,"seq":17})")).seq == 17);
  const auto refused =
      std::get<refusal_message>(parse_server_message(R"({"type":"error","id":3,"code":"x","detail":"d"})"));
  CHECK(refused.id == 3);
  CHECK(refused.code == "x");
  const auto event = std::get<event_message>(parse_server_message(
      R"({"type":"event","topic":"restaurants/r/orders","seq":18,"event":"order.accepted","at":"t",)"
      R"("data":{"orderId":"o"}})"));
  CHECK(event.seq == 18);
  CHECK(event.order == "o");
  const auto gone = parse_server_message(R"({"type":"offer.withdrawn","offerId":"f","reason":"taken"})");
  CHECK(std::get<offer_withdrawn_message>(gone).reason == "taken");
}

TEST_CASE("positions and messages of later versions are passed over") {
  CHECK(std::holds_alternative<other_message>(parse_server_message(R"({"type":"location","orderId":"o"})")));
  CHECK(std::holds_alternative<other_message>(parse_server_message(R"({"type":"news"})")));
}

TEST_CASE("what api.md does not allow is an error, not a guess") {
  CHECK_THROWS_AS(parse_server_message("no JSON"), wire_error);
  CHECK_THROWS_AS(parse_server_message(R"({"type":"event","topic":"t"})"), wire_error);
  CHECK_THROWS_AS(parse_order(R"({"orderId":"o","status":"X","deliveryStatus":"Y"})"), wire_error);
  CHECK_THROWS_AS(parse_orders(R"({"items":{}})"), wire_error);
  CHECK_THROWS_AS(parse_clock(R"({"now":"yesterday","scale":1})"), wire_error);
}

TEST_CASE("a problem has a code even when its body is none") {
  CHECK(problem_code(409, R"({"code":"illegal-transition"})") == "illegal-transition");
  CHECK(problem_code(502, "<html>") == "http-502");
}

TEST_CASE("text becomes a JSON string whatever is in it") { CHECK(json_string("a\"b\\\n") == R"("a\"b\\\n")"); }
