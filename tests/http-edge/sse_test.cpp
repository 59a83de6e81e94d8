/// An order's events as server-sent events.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");
const uuid deliverer = *parse_uuid("018f6f2c-0000-7000-8000-000000000003");

/// The ids of the events in `text`, in the order they came.
std::vector<int> ids_in(const std::string& text) {
  std::vector<int> ids;
  for (std::size_t at = text.find("id: "); at != std::string::npos; at = text.find("id: ", at + 1))
    ids.push_back(std::stoi(text.substr(at + 4)));
  return ids;
}

/// Reads until so many events have come, or ten seconds have passed.
std::string read_events(connection& line, std::size_t count) {
  std::string all;
  for (int i = 0; i < 100 && ids_in(all).size() < count; ++i) all += line.read_all(100ms);
  return all;
}

std::string stream_request_with(const std::string& token, order_id which, const std::string& more = {}) {
  return "GET /v1/orders/" + to_string(which) + "/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n" +
         "Authorization: Bearer " + token + "\r\n" + more + "\r\n";
}

std::string stream_request(platform& p, order_id which, const std::string& more = {}) {
  return stream_request_with(p.token(user_role::customer, customer), which, more);
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
  auto history = read_events(line, 2);
  CHECK(history.find("Content-Type: text/event-stream") != std::string::npos);
  CHECK(ids_in(history) == std::vector{1, 2});
  p.happen(placed.id, order_ready{});
  p.happen(placed.id, order_search_started{}, false);  // its publication was lost
  p.happen(placed.id, order_stage_changed{"BAKING"});
  auto live = read_events(line, 3);
  CHECK(ids_in(live) == std::vector{3, 4, 5});
  CHECK(live.find("event: order.stage_changed\ndata: {\"seq\":5,") != std::string::npos);
}

TEST_CASE("a stream is resumed after the last event that was seen") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  p.happen(placed.id, order_accepted{12, {}, {}});
  connection line{p.port()};
  line.write(stream_request(p, placed.id, "Last-Event-ID: 1\r\n"));
  CHECK(ids_in(read_events(line, 1)) == std::vector{2});
  connection bad{p.port()};
  bad.write(stream_request(p, placed.id, "Last-Event-ID: one\r\n"));
  CHECK(bad.read()->status == 400);
}

TEST_CASE("a stream ends when its token does") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  connection brief{p.port()};
  auto started = std::chrono::steady_clock::now();
  brief.write(stream_request_with(p.token(user_role::customer, customer, 3s), placed.id));
  auto all = brief.read_all(8s);
  CHECK(ids_in(all) == std::vector{1});
  CHECK(all.ends_with("0\r\n\r\n"));
  CHECK(std::chrono::steady_clock::now() - started < 6s);
  CHECK(wait_until(p.world(), [&] { return p.world().subscribers[ref(placed.id)].empty(); }));
}

TEST_CASE("a stream whose session fails ends, so that its reader comes back") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  connection line{p.port()};
  line.write(stream_request(p, placed.id));
  CHECK(wait_until(p.world(), [&] { return !p.world().subscribers[ref(placed.id)].empty(); }));
  fail_subscribers(p.world(), ref(placed.id));
  CHECK(line.read_all(8s).ends_with("0\r\n\r\n"));
}

TEST_CASE("a stream of what happens fast ends with its token too") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  connection brief{p.port()};
  brief.write(stream_request_with(p.token(user_role::customer, customer, 3s), placed.id));
  CHECK(wait_until(p.world(), [&] { return !p.world().subscribers[ref(placed.id)].empty(); }));
  std::string all;
  for (int i = 0; i < 100 && !all.ends_with("0\r\n\r\n"); ++i) {
    p.happen(placed.id, order_stage_changed{"x"});
    all += brief.read_all(50ms);
  }
  CHECK(all.ends_with("0\r\n\r\n"));
}

TEST_CASE("a partner's stream ends with the release of the order") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  {
    std::lock_guard lock{p.world().mutex};
    p.world().orders[placed.id].carried_by = carrier{partner_id{deliverer}, {}, {}, 0, 0};
  }
  connection line{p.port()};
  line.write(stream_request_with(p.token(user_role::partner, deliverer), placed.id));
  CHECK(wait_until(p.world(), [&] { return !p.world().subscribers[ref(placed.id)].empty(); }));
  p.happen(placed.id, order_partner_released{partner_id{deliverer}, "flat tyre"});
  p.happen(placed.id, order_stage_changed{"secret"});
  auto all = line.read_all(3s);
  CHECK(ids_in(all) == std::vector{1, 2});
  CHECK(all.find("secret") == std::string::npos);
  CHECK(all.ends_with("0\r\n\r\n"));
}

TEST_CASE("a stream that goes on after what never happened is refused") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  for (std::string where : {"Last-Event-ID: 2\r\n", "Last-Event-ID: 9000000000000000000\r\n"}) {
    connection line{p.port()};
    line.write(stream_request(p, placed.id, where));
    auto answer = line.read();
    REQUIRE(answer);
    CHECK(answer->status == 410);
    CHECK(answer->parsed().at("code") == "resume-point-lost");
  }
  connection at_the_end{p.port()};
  at_the_end.write(stream_request(p, placed.id, "Last-Event-ID: 1\r\n"));
  p.happen(placed.id, order_accepted{12, {}, {}});
  CHECK(read_events(at_the_end, 1).starts_with("HTTP/1.1 200"));
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
