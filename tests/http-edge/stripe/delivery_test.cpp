/// The sandbox's webhooks, from the socket through our verifier to typed news.
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "http-edge/stripe/webhook_news.hpp"
#include "http-edge/stripe/webhook_signature.hpp"
#include "tests/http-edge/outbound/scripted_server.hpp"
#include "tests/http-edge/stripe/sandbox.hpp"

using namespace dabba;
using namespace dabba::stripe_tests;
using outbound_tests::scripted_server;
using namespace std::chrono_literals;

namespace {

const std::vector<outbound::secret_text> secrets{outbound::secret_text{"whsec_test"}};

struct received {
  bool is_genuine = false;
  gateway_news news;
};

std::string header_of(const std::string& request, const std::string& name) {
  auto at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  at += name.size() + 4;
  return request.substr(at, request.find("\r\n", at) - at);
}

received read(const std::string& request, const std::vector<outbound::secret_text>& with = secrets) {
  auto body = request.substr(request.find("\r\n\r\n") + 4);
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto verified = stripe::verify_signature(header_of(request, "Stripe-Signature"), body, with, now);
  auto news = stripe::parse_news(body);
  REQUIRE(news);
  return {verified.has_value(), std::move(*news)};
}

/// Our end: says 200 to all but those requests that `refuses` names.
struct listener {
  std::function<bool(std::size_t)> refuses = [](std::size_t) { return false; };
  scripted_server server{[this](std::size_t n, const std::string&) {
    return outbound_tests::answer(refuses(n) ? 500 : 200, "");
  }};

  std::vector<received> genuine() {
    std::vector<received> out;
    for (const auto& request : server.requests())
      if (auto got = read(request); got.is_genuine) out.push_back(std::move(got));
    return out;
  }
  template <class News>
  std::size_t count(const gateway_payment_id& which) {
    std::size_t found = 0;
    for (const auto& each : genuine())
      if (const auto* news = std::get_if<News>(&each.news.content))
        if (news->payment.id == which) ++found;
    return found;
  }
};

std::vector<std::string> flags_for(const listener& ours) {
  return {"--webhook", ours.server.url() + "/v1/webhooks/stripe", "--webhook-secret", "whsec_test"};
}

gateway_payment pay_one(sandbox& gate) {
  stripe::gateway client{gate.client_options()};
  auto made = client.create(some_payment(), in(5s)).value();
  gate.pay(made, "pm_card_visa");
  return made;
}

}  // namespace

TEST_CASE("a payment's webhook is genuine, and says what was paid") {
  listener ours;
  sandbox gate{flags_for(ours)};
  auto made = pay_one(gate);
  REQUIRE(system_tests::eventually(5s, [&] { return ours.count<payment_captured>(made.id) == 1; }));
  CHECK(ours.server.requests().front().starts_with("POST /v1/webhooks/stripe HTTP/1.1\r\n"));
  CHECK(ours.genuine().size() == ours.server.requests().size());
}

TEST_CASE("a webhook that is refused comes again until it is taken") {
  listener ours;
  ours.refuses = [](std::size_t n) { return n < 4; };
  sandbox gate{flags_for(ours)};
  auto made = pay_one(gate);
  CHECK(system_tests::eventually(15s, [&] {
    return gate.totals().at("webhooks").at("undelivered") == 0 && ours.count<payment_captured>(made.id) >= 1;
  }));
  CHECK(gate.totals().at("webhooks").at("failed") == 4);
}

TEST_CASE("dropped webhooks never come, though the payment is captured") {
  listener ours;
  sandbox gate{flags_for(ours)};
  gate.set_faults(R"({"webhook_drop_rate": 1})");
  auto made = pay_one(gate);
  auto after = pay_one(gate);
  CHECK(gate.totals().at("webhooks").at("dropped") == 6);
  gate.set_faults(R"({"webhook_drop_rate": 0})");
  auto last = pay_one(gate);
  CHECK(system_tests::eventually(5s, [&] { return ours.count<payment_captured>(last.id) == 1; }));
  CHECK(ours.count<payment_captured>(made.id) == 0);
  CHECK(ours.count<payment_captured>(after.id) == 0);
}

TEST_CASE("each webhook can come twice, with the same event id") {
  listener ours;
  sandbox gate{flags_for(ours)};
  gate.set_faults(R"({"webhook_copies": 2})");
  auto made = pay_one(gate);
  CHECK(system_tests::eventually(5s, [&] { return ours.count<payment_captured>(made.id) == 2; }));
  std::multiset<std::string> ids;
  REQUIRE(system_tests::eventually(5s, [&] { return ours.server.requests().size() == 6; }));
  for (const auto& each : ours.genuine()) ids.insert(each.news.id);
  for (const auto& id : ids) CHECK(ids.count(id) == 2);
}

TEST_CASE("webhooks can overtake each other and come late") {
  listener ours;
  sandbox gate{flags_for(ours)};
  gate.set_faults(R"({"webhook_delay_ms": 300, "webhook_shuffle_ms": 700})");
  auto begin = std::chrono::steady_clock::now();
  std::vector<std::string> paid;
  for (int i = 0; i < 10; ++i) paid.push_back(pay_one(gate).id.value);
  REQUIRE(system_tests::eventually(10s, [&] { return !ours.server.requests().empty(); }));
  CHECK(std::chrono::steady_clock::now() - begin > 300ms);
  REQUIRE(system_tests::eventually(10s, [&] { return ours.server.requests().size() == 30; }));
  std::vector<std::string> told;
  for (const auto& each : ours.genuine())
    if (const auto* news = std::get_if<payment_captured>(&each.news.content)) told.push_back(news->payment.id.value);
  CHECK(told.size() == 10);
  CHECK(told != paid);
}

TEST_CASE("a wrong secret opens nothing, and the right one does later") {
  listener ours;
  std::atomic<bool> refuses = true;
  ours.refuses = [&](std::size_t) { return refuses.load(); };
  sandbox gate{flags_for(ours)};
  gate.set_faults(R"({"webhook_wrong_secret_rate": 1})");
  auto made = pay_one(gate);
  REQUIRE(system_tests::eventually(5s, [&] { return ours.server.requests().size() >= 3; }));
  CHECK(ours.genuine().empty());
  gate.set_faults(R"({"webhook_wrong_secret_rate": 0})");
  refuses = false;
  CHECK(system_tests::eventually(10s, [&] { return ours.count<payment_captured>(made.id) == 1; }));
}

TEST_CASE("while a secret is replaced, webhooks are signed with the old one and the new one") {
  listener ours;
  sandbox gate{flags_for(ours)};
  auto id = gate.ask("/v1/webhook_endpoints").at("data").at(0).at("id").get<std::string>();
  auto fresh = gate.ask("/_sandbox/webhook_endpoints/" + id + "/roll", "{}").at("secret").get<std::string>();
  pay_one(gate);
  REQUIRE(system_tests::eventually(5s, [&] { return ours.server.requests().size() == 3; }));
  auto request = ours.server.requests().front();
  CHECK(read(request).is_genuine);
  CHECK(read(request, {outbound::secret_text{fresh}}).is_genuine);
  CHECK_FALSE(read(request, {outbound::secret_text{"whsec_other"}}).is_genuine);
}

TEST_CASE("what was not delivered when the gateway was killed is delivered after its start") {
  listener ours;
  std::atomic<bool> refuses = true;
  ours.refuses = [&](std::size_t) { return refuses.load(); };
  sandbox gate{flags_for(ours)};
  auto made = pay_one(gate);
  gate.kill();
  refuses = false;
  gate.start();
  CHECK(system_tests::eventually(10s, [&] {
    return ours.count<payment_captured>(made.id) >= 1 && gate.totals().at("webhooks").at("undelivered") == 0;
  }));
}
