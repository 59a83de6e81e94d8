/// What our client makes of answers that no gateway should give.
#include <catch2/catch_test_macros.hpp>

#include "http-edge/stripe/gateway.hpp"
#include "tests/http-edge/outbound/scripted_server.hpp"
#include "tests/http-edge/stripe/sandbox.hpp"

using namespace dabba;
using namespace dabba::stripe_tests;
using outbound_tests::answer;
using outbound_tests::scripted_server;
using namespace std::chrono_literals;

namespace {

constexpr const char* a_payment =
    R"({"id":"pi_1","object":"payment_intent","amount":100,"amount_received":0,"currency":"inr","created":1,)"
    R"("client_secret":"pi_1_secret_2","status":"requires_payment_method","metadata":{},"last_payment_error":null})";

stripe::gateway_options options_for(const scripted_server& server, unsigned attempts = 3) {
  stripe::gateway_options out;
  out.base_url = server.url();
  out.secret_key = outbound::secret_text{"sk_test_1"};
  out.attempt_timeout = 500ms;
  out.retries = {.attempts = attempts, .first = 1ms, .longest = 2ms};
  return out;
}

std::string without(const std::string& what) {
  std::string text{a_payment};
  return text.replace(text.find(what), what.size(), "\"x\":1");
}

}  // namespace

TEST_CASE("an answer that is no payment leaves the outcome unknown, and is not asked for again") {
  for (const auto& body : {std::string{}, std::string{"<html>"}, std::string{"[]"}, std::string{"{}"},
                           std::string{"null"}, without("\"id\":\"pi_1\""), without("\"amount\":100"),
                           without("\"currency\":\"inr\""), without("\"status\":\"requires_payment_method\"")}) {
    INFO(body);
    scripted_server server{[&](auto, const auto&) { return answer(200, body); }};
    stripe::gateway client{options_for(server)};
    auto got = client.create(some_payment(), in(5s));
    REQUIRE_FALSE(got);
    CHECK(got.error().what == gateway_errc::outcome_unknown);
    CHECK(got.error().code == "malformed-answer");
    CHECK(server.requests().size() == 1);
    CHECK(client.retrieve({"pi_1"}, in(5s)).error().what == gateway_errc::unavailable);
  }
}

TEST_CASE("amounts and states that can't be are no payment") {
  for (auto [from, to] :
       {std::pair{"\"amount\":100", "\"amount\":-100"},
        {"\"amount\":100", "\"amount\":1e99"},
        {"\"amount\":100", "\"amount\":18446744073709551615"},
        {"\"currency\":\"inr\"", "\"currency\":\"xxx\""},
        {"\"id\":\"pi_1\"", "\"id\":\"pi_/../1\""},
        {"\"status\":\"requires_payment_method\"", "\"status\":\"done\""}}) {
    std::string text{a_payment};
    text.replace(text.find(from), std::string_view{from}.size(), to);
    INFO(text);
    scripted_server server{[&](auto, const auto&) { return answer(200, text); }};
    stripe::gateway client{options_for(server)};
    CHECK(client.create(some_payment(), in(5s)).error().code == "malformed-answer");
  }
}

TEST_CASE("every attempt carries the same key and body, and the secret only where it belongs") {
  scripted_server server{[](auto n, const auto&) { return n < 2 ? answer(503, "busy") : answer(200, a_payment); }};
  stripe::gateway client{options_for(server)};
  REQUIRE(client.create(some_payment(), in(5s)));
  auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0] == requests[1]);
  CHECK(requests[0] == requests[2]);
  CHECK(requests[0].find("Idempotency-Key: ") != std::string::npos);
  CHECK(requests[0].find("\r\nAuthorization: Bearer sk_test_1\r\n") != std::string::npos);
  CHECK(requests[0].find("metadata%5Border%5D=") != std::string::npos);
}

TEST_CASE("what may have been done by one attempt stays unknown when the next is refused") {
  scripted_server server{[](auto n, const auto&) {
    return n == 0 ? std::string{} : answer(429, R"({"error":{"type":"invalid_request_error","code":"rate_limit"}})");
  }};
  stripe::gateway client{options_for(server, 2)};
  CHECK(client.create(some_payment(), in(5s)).error().what == gateway_errc::outcome_unknown);
}

TEST_CASE("a busy gateway alone did nothing, and is not asked before it wants to be") {
  scripted_server server{[](auto, const auto&) {
    return answer(429, R"({"error":{"type":"invalid_request_error","code":"rate_limit"}})", "Retry-After: 30\r\n");
  }};
  stripe::gateway client{options_for(server)};
  auto begin = std::chrono::steady_clock::now();
  auto got = client.create(some_payment(), in(5s));
  CHECK(got.error().what == gateway_errc::unavailable);
  CHECK(got.error().code == "rate_limit");
  CHECK(server.requests().size() == 1);
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

TEST_CASE("a refusal that does not speak Stripe's language says nothing of what was done") {
  scripted_server server{[](auto, const auto&) { return answer(400, "<html>a proxy speaks</html>"); }};
  stripe::gateway client{options_for(server)};
  CHECK(client.create(some_payment(), in(5s)).error().what == gateway_errc::outcome_unknown);
}

TEST_CASE("a decline is told as the bank told it") {
  scripted_server server{[](auto, const auto&) {
    return answer(
        402, R"({"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card","message":"no"}})",
        "Request-Id: req_9\r\n");
  }};
  stripe::gateway client{options_for(server)};
  auto got = client.create(some_payment(), in(5s));
  REQUIRE_FALSE(got);
  CHECK(got.error().what == gateway_errc::declined);
  CHECK(got.error().failure == payment_failure{"card_declined", "lost_card"});
  CHECK(got.error().detail == "HTTP 402: no (req_9)");
}

TEST_CASE("a list goes on behind payments that can't be ours, and refunds are known all or not at all") {
  std::string foreign{a_payment};
  foreign.replace(foreign.find("inr"), 3, "jpy").replace(foreign.find("pi_1"), 4, "pi_9");
  scripted_server server{[&](auto, const std::string& request) {
    bool is_refunds = request.starts_with("GET /v1/refunds?");
    return answer(200, is_refunds ? R"({"data":[{"id":"re_1"}],"has_more":false})"
                                  : "{\"data\":[" + std::string{a_payment} + "," + foreign + "],\"has_more\":true}");
  }};
  stripe::gateway client{options_for(server)};
  auto page = client.list_payments({}, std::nullopt, in(5s));
  REQUIRE(page);
  REQUIRE(page->payments.size() == 1);
  CHECK(page->payments.front().id == gateway_payment_id{"pi_1"});
  CHECK(page->next == gateway_payment_id{"pi_9"});
  CHECK(client.refunds_of({"pi_1"}, in(5s)).error().code == "malformed-answer");
}
