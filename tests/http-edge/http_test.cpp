/// HTTP itself: limits, timeouts, pipelining, and requests that are none.
#include <boost/asio/read.hpp>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid somebody = *parse_uuid("018f6f2c-0000-7000-8000-000000000001");

bool is_alive(platform& p) { return ask(p.port(), "GET", "/livez").status == 200; }

TEST_CASE("what is not there, or not with this method, is a problem with a request id") {
  platform p;
  auto missing = ask(p.port(), "GET", "/v1/nothing?token=secret");
  CHECK(missing.status == 404);
  CHECK(missing.header("content-type") == "application/problem+json");
  auto shown = missing.parsed();
  CHECK(shown.at("code") == "not-found");
  CHECK(shown.at("type") == "/problems/not-found");
  CHECK(shown.at("instance") == "/v1/nothing");
  CHECK(shown.at("requestId") == missing.header("x-request-id"));
  auto wrong = ask(p.port(), "DELETE", "/v1/restaurants");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("allow") == "POST");
  auto other = ask(p.port(), "PUT", "/v1/clock");
  CHECK(other.header("allow") == "GET, HEAD");
  auto stream = ask(p.port(), "POST", "/v1/stream");
  CHECK(stream.status == 405);
  CHECK(stream.header("allow") == "GET");
}

TEST_CASE("a request id is echoed when it can stand in a log, and made otherwise") {
  platform p;
  CHECK(ask(p.port(), "GET", "/v1/clock", "", "", {{"X-Request-Id", "abc-1.2_3"}}).header("x-request-id") ==
        "abc-1.2_3");
  for (std::string bad : {std::string(65, 'a'), std::string{"a b"}, std::string{"\"}{"}})
    CHECK(ask(p.port(), "GET", "/v1/clock", "", "", {{"X-Request-Id", bad}}).header("x-request-id").size() == 36);
}

TEST_CASE("every answer says when it was made") {
  platform p;
  auto is_date = [](const std::string& text) {
    return text.size() == 29 && text.ends_with(" GMT") && text.substr(3, 2) == ", " && text.find(" 20") != text.npos;
  };
  CHECK(is_date(ask(p.port(), "GET", "/v1/clock").header("date")));
  CHECK(is_date(ask(p.port(), "GET", "/v1/nothing").header("date")));
  connection broken{p.port()};
  broken.write("GET\r\n\r\n");
  CHECK(is_date(broken.read()->header("date")));
}

TEST_CASE("a path of the other port has no methods here") {
  platform p{{.admin_port = 0}};
  CHECK(ask(p.port(), "POST", "/livez").status == 404);
  CHECK(ask(p.front().admin_port(), "POST", "/livez").status == 405);
  CHECK(ask(p.front().admin_port(), "POST", "/v1/clock").status == 404);
}

TEST_CASE("HEAD is GET without the body") {
  platform p;
  connection line{p.port()};
  auto head = line.ask("HEAD", "/livez");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.header("content-length") == "18");
  CHECK(line.ask("GET", "/livez").body.size() == 18);
}

TEST_CASE("pipelined requests are answered in order") {
  platform p;
  connection line{p.port()};
  std::string all;
  constexpr int count = 40;
  for (int i = 0; i < count; ++i)
    all += "GET /v1/nothing/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nX-Request-Id: r" + std::to_string(i) +
           "\r\n\r\n";
  line.write(all);
  for (int i = 0; i < count; ++i) {
    auto answer = line.read();
    REQUIRE(answer);
    CHECK(answer->status == 404);
    CHECK(answer->header("x-request-id") == "r" + std::to_string(i));
  }
}

TEST_CASE("a connection ends when the client says so") {
  platform p;
  connection line{p.port()};
  line.write("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  REQUIRE(line.read());
  CHECK(line.is_closed());
  connection old{p.port()};
  old.write("GET /livez HTTP/1.0\r\n\r\n");
  REQUIRE(old.read());
  CHECK(old.is_closed());
}

TEST_CASE("what is no HTTP is refused and closed") {
  platform p;
  for (std::string bad :
       {"\r\n\r\n\r\nnonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "GET /livez HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"}) {
    connection line{p.port()};
    line.write(bad);
    auto answer = line.read();
    INFO(bad);
    REQUIRE(answer);
    CHECK(answer->status / 100 == 4);
    CHECK(answer->header("content-type") == "application/problem+json");
    CHECK(line.is_closed());
  }
  CHECK(is_alive(p));
}

TEST_CASE("raw bytes never end the process") {
  platform p;
  std::uint32_t seed = 12345;
  auto next = [&] { return seed = seed * 1'664'525 + 1'013'904'223; };
  for (int i = 0; i < 60; ++i) {
    std::string bytes(next() % 300, '\0');
    for (auto& each : bytes) each = static_cast<char>(next() >> 24);
    connection line{p.port()};
    line.write(i % 2 ? "GET /v1/clock HTTP/1.1\r\nHost: x\r\n" + bytes : bytes);
    line.stream().socket().shutdown(asio::ip::tcp::socket::shutdown_send);
    line.read_all(2s);
  }
  CHECK(is_alive(p));
}

TEST_CASE("headers and bodies have limits") {
  platform p;
  connection wide{p.port()};
  wide.write("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n");
  auto refused = wide.read();
  REQUIRE(refused);
  CHECK(refused->status == 431);
  CHECK(wide.is_closed());

  connection announced{p.port()};
  announced.write("POST /v1/restaurants HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n");
  refused = announced.read();
  REQUIRE(refused);
  CHECK(refused->status == 413);
  CHECK(refused->parsed().at("code") == "body-too-large");

  connection chunked{p.port()};
  chunked.write("POST /v1/restaurants HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 40; ++i) chunked.write("2000\r\n" + std::string(0x2000, 'x') + "\r\n");
  refused = chunked.read();
  REQUIRE(refused);
  CHECK(refused->status == 413);
  CHECK(is_alive(p));
}

TEST_CASE("a header that comes byte by byte is cut off in time, and others are served meanwhile") {
  platform p;
  connection line{p.port()};
  auto started = std::chrono::steady_clock::now();
  line.write("GET / HTTP/1.1\r\nHost: x\r\nX: ");
  while (line.is_open() && std::chrono::steady_clock::now() - started < limits::header_timeout + 5s) {
    line.write("a");
    CHECK(is_alive(p));
    std::this_thread::sleep_for(500ms);
  }
  auto passed = std::chrono::steady_clock::now() - started;
  CHECK(passed > limits::header_timeout - 1s);
  CHECK(passed < limits::header_timeout + 3s);
}

TEST_CASE("a body is JSON that says so") {
  platform p;
  auto token = p.token(user_role::restaurant, somebody);
  auto post = [&](const std::string& body, const std::string& type) {
    return ask(p.port(), "POST", "/v1/restaurants", token, body, {{"Content-Type", type}});
  };
  CHECK(post("{}", "text/plain").status == 415);
  CHECK(post("{}", "application/json; charset=utf-8").status == 400);
  CHECK(post("{}", "Application/JSON").parsed().contains("errors"));
  auto broken = post("{\"name\": }", "application/json");
  CHECK(broken.status == 400);
  CHECK(broken.parsed().at("code") == "malformed-json");
  CHECK(broken.parsed().at("detail").get<std::string>().find("at byte 10") != std::string::npos);
  for (std::string bad : {"[]", "null", "1", "\"x\""}) CHECK(post(bad, "application/json").status == 400);
  for (std::string bad : {"{\"name\":\"\xff\xfe\"}", "{\"name\":\"\xed\xa0\x80\"}", "{\"a\":NaN}", "{\"a\":1e999}",
                          "{\"a\":1,\"a\":2}", "{'a':1}", "{\"a\":1}x", "\xef\xbb\xbf"})
    CHECK(post(bad, "application/json").parsed().at("code") == "malformed-json");
  std::string deep(200'000, '[');
  CHECK(post(deep, "application/json").parsed().at("code") == "malformed-json");
  auto control = post(R"({"name":"a\u0000b"})", "application/json");
  CHECK(control.body.find("control-character") != std::string::npos);
}

TEST_CASE("100-continue is answered before the body comes") {
  platform p;
  connection line{p.port()};
  line.write("POST /v1/restaurants HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  std::array<char, 25> first{};
  asio::read(line.stream().socket(), asio::buffer(first));
  CHECK(std::string_view{first.data(), 12} == "HTTP/1.1 100");
  line.write("{}");
  auto answer = line.read();
  REQUIRE(answer);
  CHECK(answer->status == 401);
}

TEST_CASE("tokens that are none are not let in") {
  platform p;
  platform other;
  auto good = p.token(user_role::admin, somebody);
  auto tampered = good;
  tampered[good.find('.') + 5] ^= 1;
  auto unsigned_token = std::string{"eyJhbGciOiJub25lIn0."} + good.substr(good.find('.') + 1, 40) + ".";
  for (const auto& bad :
       {std::string{"x"}, std::string{"a.b.c"}, tampered, unsigned_token, good + "x", good.substr(0, good.rfind('.')),
        std::string(5000, 'a'), other.token(user_role::admin, somebody)}) {
    auto answer = ask(p.port(), "GET", "/v1/zones", bad);
    CHECK(answer.status == 401);
    CHECK(answer.parsed().at("code") == "unauthenticated");
    CHECK(answer.header("www-authenticate") == "Bearer");
    CHECK(answer.body.find(bad.substr(0, 20)) == (bad == "x" ? answer.body.find('x') : std::string::npos));
  }
  CHECK(ask(p.port(), "GET", "/v1/zones", "", "", {{"Authorization", "Basic " + good}}).status == 401);
  CHECK(ask(p.port(), "GET", "/v1/zones", "", "", {{"Authorization", "bearer " + good}}).status == 200);
  CHECK(ask(p.port(), "GET", "/v1/zones").status == 401);
}

TEST_CASE("a silent actor gives 503 within the deadline, and the connection goes on") {
  platform p;
  auto shop = p.add_restaurant();
  {
    std::lock_guard lock{p.world().mutex};
    p.world().is_silent = true;
  }
  connection line{p.port()};
  headers with{{"Authorization", "Bearer " + p.token(user_role::admin, somebody)}};
  auto asked_at = std::chrono::steady_clock::now();
  auto answer = line.ask("GET", "/v1/restaurants/" + to_string(shop.id), with);
  CHECK(std::chrono::steady_clock::now() - asked_at >= limits::request_deadline);
  CHECK(answer.status == 503);
  CHECK(answer.parsed().at("code") == "deadline-exceeded");
  CHECK(answer.header("retry-after") == "1");
  {
    std::lock_guard lock{p.world().mutex};
    REQUIRE(p.world().unanswered.size() == 1);
    p.world().unanswered.front().deliver(reply{done{}});  // too late: nobody listens any more
    p.world().is_silent = false;
  }
  CHECK(line.ask("GET", "/livez").status == 200);
}

TEST_CASE("readiness says what is missing, liveness does not ask") {
  platform p;
  CHECK(ask(p.port(), "GET", "/readyz").status == 200);
  {
    std::lock_guard lock{p.world().mutex};
    p.world().is_store_away = true;
  }
  auto missing = ask(p.port(), "GET", "/readyz");
  CHECK(missing.status == 503);
  CHECK(missing.parsed().at("detail") == "the database can't be reached");
  CHECK(is_alive(p));
}

TEST_CASE("health and metrics may have a port of their own") {
  platform p{{.admin_port = 0}};
  CHECK(ask(p.port(), "GET", "/metrics").status == 404);
  CHECK(ask(p.front().admin_port(), "GET", "/livez").status == 200);
  CHECK(ask(p.front().admin_port(), "GET", "/v1/clock").status == 404);
  ask(p.port(), "GET", "/v1/clock");
  auto metrics = ask(p.front().admin_port(), "GET", "/metrics").body;
  CHECK(metrics.find("dabba_edge_requests_total{route=\"/v1/clock\",status=\"200\"} 1") != std::string::npos);
  CHECK(metrics.find("caf_system_running_actors") != std::string::npos);
}

TEST_CASE("the clock is the platform's") {
  platform p;
  auto shown = ask(p.port(), "GET", "/v1/clock").parsed();
  CHECK(shown.at("scale") == 1.0);
  CHECK(shown.at("now").get<std::string>().substr(0, 14) == "2026-03-01T11:");
}

TEST_CASE("stopping finishes the request in flight and takes no other") {
  platform p;
  auto shop = p.add_restaurant();
  {
    std::lock_guard lock{p.world().mutex};
    p.world().before = [](const entity_ref&, const routed&) -> std::optional<answer> {
      std::this_thread::sleep_for(300ms);  // an actor at work
      return std::nullopt;
    };
  }
  connection line{p.port()};
  connection idle{p.port()};
  idle.ask("GET", "/livez");
  line.write("GET /v1/restaurants/" + to_string(shop.id) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
             p.token(user_role::admin, somebody) + "\r\n\r\n");
  CHECK(wait_until(p.world(), [&] { return !p.world().told.empty(); }));
  std::thread stopping{[&] { p.front().stop(); }};
  auto answer = line.read();
  stopping.join();
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->header("connection") == "close");
  CHECK(idle.is_closed());
  CHECK_THROWS(connection{p.port()});
}

}  // namespace
}  // namespace dabba::test
