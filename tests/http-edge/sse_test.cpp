/// An order's events as server-sent events.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");

/// The ids of the events in `text`, in the order they came.
std::vector<int> ids_in(const std::string& text) {
  std::vector<int> ids;
  for (std::size_t at = text.find("id: "); at != std::string::npos; at = text.find("id: ", at + 1))
    ids.push_back(std::stoi(text.substr(at + 4)));
  return ids;
}

std::string stream_request(platform& p, order_id which, const std::string& more = {}) {
  return "GET /v1/orders/" + to_string(which) + "/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n" +
         "Authorization: Bearer " + p.token(user_role::customer, customer) + "\r\n" + more + "\r\n";
}

TEST_CASE("the history is one answer for those who do not stream") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  p.happen(placed.id, order_accepted{12, {}, {}});
  auto token = p.token(user_role::customer, customer);
  auto path = "/v1/orders/" + to_string(placed.id) + "/events";
  auto items = ask(p.port(), "GET", path, token).parsed().at("items");
  REQUIRE(items.size() == 2);
  CHECK(items[0].at("type") == "order.placed");
  CHECK(items[0].at("data").at("deliveryPin") == "4711");
  CHECK(items[1].at("data").at("preparationMinutes") == 12);
  CHECK(ask(p.port(), "GET", path + "?since=1", token).parsed().at("items").size() == 1);
  CHECK(ask(p.port(), "GET", path + "?since=x", token).status == 400);
}

TEST_CASE("a stream begins with the history and goes on with what happens") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  p.happen(placed.id, order_accepted{12, {}, {}});
  connection line{p.port()};
  line.write(stream_request(p, placed.id));
  CHECK(wait_until(p.world(), [&] { return !p.world().subscribers[ref(placed.id)].empty(); }));
  auto history = line.read_all(500ms);
  CHECK(history.find("Content-Type: text/event-stream") != std::string::npos);
  CHECK(ids_in(history) == std::vector{1, 2});
  p.happen(placed.id, order_ready{});
  p.happen(placed.id, order_search_started{}, false);  // its publication was lost
  p.happen(placed.id, order_stage_changed{"BAKING"});
  auto live = line.read_all(500ms);
  CHECK(ids_in(live) == std::vector{3, 4, 5});
  CHECK(live.find("event: order.stage_changed\ndata: {\"seq\":5,") != std::string::npos);
}

TEST_CASE("a stream is resumed after the last event that was seen") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  p.happen(placed.id, order_accepted{12, {}, {}});
  connection line{p.port()};
  line.write(stream_request(p, placed.id, "Last-Event-ID: 1\r\n"));
  CHECK(ids_in(line.read_all(500ms)) == std::vector{2});
  connection bad{p.port()};
  bad.write(stream_request(p, placed.id, "Last-Event-ID: one\r\n"));
  CHECK(bad.read()->status == 400);
}

TEST_CASE("a stream ends when its node stops") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  connection line{p.port()};
  line.write(stream_request(p, placed.id));
  CHECK(wait_until(p.world(), [&] { return !p.world().subscribers[ref(placed.id)].empty(); }));
  p.front().stop();
  CHECK(line.read_all(2s).ends_with("0\r\n\r\n"));
}

}  // namespace
}  // namespace dabba::test
