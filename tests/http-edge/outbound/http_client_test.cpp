/// The HTTP client against a server that says what the test wants.
#include "http-edge/outbound/http_client.hpp"

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/http-edge/outbound/scripted_server.hpp"

using namespace dabba::outbound;
using namespace dabba::outbound_tests;
using namespace std::chrono_literals;

namespace {

http_client::time_point in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

TEST_CASE("a request arrives as it was given, and its answer comes back whole") {
  scripted_server server{[](auto, const auto&) { return answer(201, "made", "X-Thing:  some thing \r\n"); }};
  http_client client{{}};
  auto got = client.send({true, server.url() + "/a?b=c", {"Authorization: Bearer k"}, "x=1&y=2"}, in(5s));
  REQUIRE(got);
  CHECK(got->status == 201);
  CHECK(got->body == "made");
  CHECK(got->header("x-thing") == "some thing");
  CHECK(got->header("x-other").empty());
  auto request = server.requests().at(0);
  CHECK(request.starts_with("POST /a?b=c HTTP/1.1\r\n"));
  CHECK(request.find("Authorization: Bearer k\r\n") != std::string::npos);
  CHECK(request.find("Expect:") == std::string::npos);
  CHECK(request.ends_with("\r\n\r\nx=1&y=2"));
}

TEST_CASE("a connection is used again, and nothing of one request is left for the next") {
  scripted_server server{[](auto n, const auto&) { return answer(200, std::to_string(n)); }};
  http_client client{{}};
  REQUIRE(client.send({true, server.url() + "/", {"X-Key: 1"}, "body"}, in(5s)));
  auto second = client.send({false, server.url() + "/", {}, {}}, in(5s));
  REQUIRE(second);
  CHECK(second->body == "1");
  CHECK(server.connections() == 1);
  auto request = server.requests().at(1);
  CHECK(request.starts_with("GET / HTTP/1.1\r\n"));
  CHECK(request.find("X-Key") == std::string::npos);
  CHECK(request.find("body") == std::string::npos);
}

TEST_CASE("nobody there: the request has certainly not arrived") {
  std::string url;
  {
    url = scripted_server{[](auto, const auto&) { return answer(200, ""); }}.url();
  }
  http_client client{{}};
  auto got = client.send({true, url + "/", {}, "x"}, in(5s));
  REQUIRE_FALSE(got);
  CHECK_FALSE(got.error().may_have_arrived);
  CHECK_FALSE(got.error().why.empty());
}

TEST_CASE("a server that takes the request and says nothing, or closes: it may have arrived") {
  scripted_server closing{[](auto, const auto&) { return std::string{}; }};
  scripted_server silent{[](auto, const auto&) {
    std::this_thread::sleep_for(300ms);
    return std::string{};
  }};
  http_client client{{}};
  for (const auto* server : {&closing, &silent}) {
    auto begin = std::chrono::steady_clock::now();
    auto got = client.send({true, server->url() + "/", {}, "x"}, in(100ms));
    REQUIRE_FALSE(got);
    CHECK(got.error().may_have_arrived);
    CHECK(std::chrono::steady_clock::now() - begin < 3s);
  }
}

TEST_CASE("an answer that is cut off or larger than allowed is none") {
  scripted_server server{[](auto n, const auto&) {
    return n == 0 ? "HTTP/1.1 200 X\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf"
                  : answer(200, std::string(2000, 'x'));
  }};
  http_client client{{.connections = 1, .answer_bytes = 1000}};
  for (int i = 0; i < 2; ++i) {
    auto got = client.send({false, server.url() + "/", {}, {}}, in(300ms));
    REQUIRE_FALSE(got);
    CHECK(got.error().may_have_arrived);
  }
}

TEST_CASE("other schemes are not spoken, and redirections not followed") {
  scripted_server server{[](auto, const auto&) { return answer(302, "", "Location: http://127.0.0.1:1/\r\n"); }};
  http_client client{{}};
  CHECK_FALSE(client.send({false, "file:///etc/hostname", {}, {}}, in(1s)));
  auto got = client.send({false, server.url() + "/", {}, {}}, in(1s));
  REQUIRE(got);
  CHECK(got->status == 302);
}

TEST_CASE("more callers than connections wait for one, within their deadline") {
  scripted_server server{[](auto, const auto&) {
    std::this_thread::sleep_for(200ms);
    return answer(200, "");
  }};
  http_client client{{.connections = 1}};
  bool first_is_answered = false;
  std::thread first{[&] { first_is_answered = client.send({false, server.url() + "/", {}, {}}, in(5s)).has_value(); }};
  while (server.requests().empty()) std::this_thread::sleep_for(1ms);
  auto hasty = client.send({false, server.url() + "/", {}, {}}, in(20ms));
  REQUIRE_FALSE(hasty);
  CHECK_FALSE(hasty.error().may_have_arrived);
  CHECK_FALSE(hasty.error().was_tried);
  CHECK(client.send({false, server.url() + "/", {}, {}}, in(5s)));
  first.join();
  CHECK(first_is_answered);
}
