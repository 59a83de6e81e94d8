/// How often one may ask: counted per caller, shown in headers, refused with the time to wait.
#include <catch2/catch_test_macros.hpp>

#include "http-edge/client_network.hpp"
#include "http-edge/rate_limiter.hpp"
#include "tests/http-edge/support/people.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;
using http::caller_key;
namespace ip = boost::asio::ip;

const http::rate_limiter::time start{1h};
caller_key caller(std::uint8_t n) { return {n}; }

TEST_CASE("a whole quota may be used at once, and comes back bit by bit") {
  http::rate_limiter limiter{{10, 5s}};
  for (unsigned i = 0; i < 10; ++i) {
    auto verdict = limiter.take(caller(1), start);
    CHECK(verdict.is_admitted);
    CHECK(verdict.remaining == 9 - i);
  }
  auto refused = limiter.take(caller(1), start);
  CHECK_FALSE(refused.is_admitted);
  CHECK(refused.remaining == 0);
  CHECK(refused.retry == 1s);
  CHECK(refused.reset == 5s);
  CHECK(limiter.take(caller(2), start).is_admitted);
  CHECK_FALSE(limiter.take(caller(1), start + 499ms).is_admitted);
  CHECK(limiter.take(caller(1), start + 500ms).is_admitted);
  CHECK_FALSE(limiter.take(caller(1), start + 500ms).is_admitted);
  for (int i = 0; i < 10; ++i) CHECK(limiter.take(caller(1), start + 1min).is_admitted);
}

TEST_CASE("no quota is no limit") {
  http::rate_limiter limiter{{0, 5s}};
  for (int i = 0; i < 1000; ++i) CHECK(limiter.take(caller(1), start).is_admitted);
}

TEST_CASE("more callers than are counted are let through, and those of long ago are forgotten") {
  http::rate_limiter limiter{{1, 5s}};
  auto nth = [](std::uint32_t n) {
    caller_key key{};
    for (int i = 0; i < 4; ++i) key[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(n >> 8 * i);
    return key;
  };
  constexpr auto crowd = static_cast<std::uint32_t>(2 * limits::callers_counted);
  for (std::uint32_t i = 0; i < crowd; ++i) REQUIRE(limiter.take(nth(i), start).is_admitted);
  CHECK_FALSE(limiter.take(nth(1), start).is_admitted);
  CHECK(limiter.take(nth(crowd), start).is_admitted);
  CHECK(limiter.take(nth(crowd), start).is_admitted);  // not counted
  auto later = start + 1min;
  CHECK(limiter.take(nth(crowd), later).is_admitted);
  CHECK_FALSE(limiter.take(nth(crowd), later).is_admitted);
}

TEST_CASE("the client is whoever the last trusted proxy names, and nobody further left") {
  http::trusted_proxies proxies{{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"}};
  auto client = [&](const char* peer, const char* forwarded) {
    return proxies.client_of(ip::make_address(peer), forwarded).client.to_string();
  };
  CHECK(client("203.0.113.9", "198.51.100.1") == "203.0.113.9");
  CHECK(client("10.1.2.3", "198.51.100.1") == "198.51.100.1");
  CHECK(client("10.1.2.3", "1.1.1.1, 198.51.100.1") == "198.51.100.1");
  CHECK(client("10.1.2.3", "1.1.1.1,198.51.100.1 , 192.0.2.7") == "198.51.100.1");
  CHECK(client("2001:db8::1", "2001:db9::5") == "2001:db9::5");
  CHECK(client("::ffff:10.1.2.3", "198.51.100.1") == "198.51.100.1");
  CHECK(client("10.1.2.3", "") == "10.1.2.3");
  CHECK(client("10.1.2.3", "somebody") == "10.1.2.3");
  CHECK(client("10.1.2.3", "10.9.9.9") == "10.9.9.9");
  // As some proxies write it.
  CHECK(client("10.1.2.3", "198.51.100.1:4711") == "198.51.100.1");
  CHECK(client("10.1.2.3", "1.1.1.1,\t198.51.100.1\t") == "198.51.100.1");
  CHECK(client("10.1.2.3", "[2001:db9::5]") == "2001:db9::5");
  CHECK(client("10.1.2.3", "[2001:db9::5]:4711") == "2001:db9::5");
  CHECK(client("10.1.2.3", "198.51.100.1, [2001:db8::9]:80") == "198.51.100.1");
  for (const char* text : {"198.51.100.1:", "198.51.100.1:x", "198.51.100.1:123456", "[2001:db9::5",
                           "[2001:db9::5]4711", "[198.51.100.1]", "[]", ":80", "a.b:80"}) {
    INFO(text);
    CHECK(client("10.1.2.3", text) == "10.1.2.3");
    CHECK(proxies.client_of(ip::make_address("10.1.2.3"), text).how == http::forwarding::unreadable);
  }
  CHECK(proxies.client_of(ip::make_address("203.0.113.9"), "198.51.100.1").how == http::forwarding::untrusted);
  CHECK(proxies.client_of(ip::make_address("203.0.113.9"), "").how == http::forwarding::fine);
  CHECK(proxies.client_of(ip::make_address("10.1.2.3"), "198.51.100.1").how == http::forwarding::fine);
  CHECK_THROWS(http::trusted_proxies{{"example.org"}});
  CHECK_THROWS(http::trusted_proxies{{"10.0.0.0/40"}});
}

TEST_CASE("addresses of one IPv6 network are one client, those of IPv4 each their own") {
  auto net = [](const char* text) { return http::network_of(ip::make_address(text)); };
  CHECK(net("2001:db8:1:2::1") == net("2001:db8:1:2:ffff::9"));
  CHECK(net("2001:db8:1:2::1") != net("2001:db8:1:3::1"));
  CHECK(net("192.0.2.1") != net("192.0.2.2"));
}

edge_options pacing(unsigned calls, unsigned sign_ins) {
  edge_options options;
  options.requests_per_second = calls;
  options.sign_ins_per_minute = sign_ins;
  return options;
}

TEST_CASE("answers say what is left; one too many is refused, and only that caller's") {
  platform p{pacing(1, 0)};
  auto mine = p.token(user_role::customer, make_uuid_v7(real_now()));
  auto first = ask(p.port(), "GET", "/v1/users/me/addresses", mine);
  CHECK(first.status == 200);
  CHECK(first.header("ratelimit-policy") == "\"calls\";q=5;w=5");
  CHECK(first.header("ratelimit") == "\"calls\";r=4;t=1");
  for (int i = 0; i < 4; ++i) CHECK(ask(p.port(), "GET", "/v1/users/me/addresses", mine).status != 429);
  got refused;
  for (int i = 0; i < 5 && refused.status != 429; ++i) refused = ask(p.port(), "GET", "/v1/users/me/addresses", mine);
  REQUIRE(refused.status == 429);
  CHECK(refused.parsed().at("code") == "rate-limited");
  CHECK(refused.header("retry-after") == "1");
  CHECK(refused.header("ratelimit").starts_with("\"calls\";r=0;"));
  CHECK(ask(p.port(), "GET", "/v1/users/me/addresses", p.token(user_role::customer, make_uuid_v7(real_now()))).status ==
        200);
  // Health is nobody's quota.
  for (int i = 0; i < 20; ++i) CHECK(ask(p.port(), "GET", "/livez").status == 200);
}

TEST_CASE("bad tokens are counted too, as their network's") {
  platform p{pacing(1, 0)};
  std::map<unsigned, int> statuses;
  for (int i = 0; i < 12; ++i) ++statuses[ask(p.port(), "GET", "/v1/users/me", "x").status];
  CHECK(statuses[401] >= 5);
  CHECK(statuses[429] >= 1);
}

TEST_CASE("signing in is counted per network, whoever the proxy says it is") {
  auto options = pacing(0, 3);
  options.trusted_proxies = {"127.0.0.1"};
  platform p{options};
  auto try_as = [&](const std::string& client) {
    return post(
        p, "/v1/auth/login", {{"email", "a@example.org"}, {"password", "wrong"}}, {}, {{"X-Forwarded-For", client}});
  };
  for (int i = 0; i < 3; ++i) CHECK(try_as("198.51.100.1").status == 401);
  auto refused = try_as("198.51.100.1");
  CHECK(refused.status == 429);
  CHECK(refused.header("ratelimit-policy") == "\"sign-in\";q=3;w=60");
  CHECK(try_as("198.51.100.2").status == 401);
  CHECK(ask(p.port(), "GET", "/.well-known/jwks.json").header("ratelimit-policy").empty());
}

TEST_CASE("to stay signed in and to sign out is no attempt to sign in") {
  platform p{pacing(0, 2)};
  member asha{p, "asha@example.org"};  // with two of them
  CHECK(log_in(p, asha.email).status == 429);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 200);
  CHECK(post(p, "/v1/auth/logout", {{"refreshToken", asha.refresh}}).status == 204);
}

TEST_CASE("what looks through all of a user's orders has a pace of its own") {
  platform p{pacing(0, 0)};
  member asha{p, "asha@example.org"}, other{p, "other@example.org"};
  std::map<unsigned, int> statuses;
  for (unsigned i = 0; i < limits::bulk_requests; ++i)
    ++statuses[(i % 2 == 0 ? post(p, "/v1/users/me/exports", json::object(), asha.access)
                           : ask(p.port(), "DELETE", "/v1/users/me", asha.access, "{}"))
                   .status];
  CHECK(statuses == std::map<unsigned, int>{{200, limits::bulk_requests / 2}, {400, limits::bulk_requests / 2}});
  got refused;
  for (int i = 0; i < 5 && refused.status != 429; ++i)
    refused = post(p, "/v1/users/me/exports", json::object(), asha.access);
  CHECK(refused.status == 429);
  CHECK(refused.header("ratelimit-policy") == "\"bulk\";q=20;w=60");
  CHECK(ask(p.port(), "GET", "/v1/users/me/orders", asha.access).status == 200);
  CHECK(post(p, "/v1/users/me/exports", json::object(), other.access).status == 200);
}

TEST_CASE("positions are not counted") {
  platform p{pacing(1, 0)};
  auto token = p.token(user_role::partner, make_uuid_v7(real_now()));
  auto body = R"({"locations":[{"latitude":1,"longitude":1,"at":"2026-03-01T11:00:00Z"}]})";
  for (int i = 0; i < 20; ++i) {
    auto answer = ask(p.port(), "POST", "/v1/partners/me/locations", token, body);
    CHECK(answer.status == 202);
    CHECK(answer.header("ratelimit").empty());
  }
}

}  // namespace
}  // namespace dabba::test
