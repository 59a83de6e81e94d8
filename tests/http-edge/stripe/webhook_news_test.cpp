/// What is made of the gateway's events.
#include "http-edge/stripe/webhook_news.hpp"

#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace dabba;
using nlohmann::json;
using stripe::parse_news;

namespace {

constexpr const char* an_order = "01890a5d-ac96-774b-bcce-b302099a8057";

json intent(const char* status) {
  return {{"id", "pi_1"},
          {"object", "payment_intent"},
          {"amount", 45'000},
          {"amount_received", 45'000},
          {"currency", "inr"},
          {"client_secret", "pi_1_secret_2"},
          {"created", 1'700'000'000},
          {"last_payment_error", nullptr},
          {"metadata", {{"order", an_order}}},
          {"status", status}};
}

json refund() {
  return {{"id", "re_1"},         {"object", "refund"},       {"amount", 500},
          {"currency", "inr"},    {"created", 1'700'000'001}, {"payment_intent", "pi_1"},
          {"status", "succeeded"}};
}

json charge() {
  return {
      {"id", "ch_1"}, {"object", "charge"}, {"amount_refunded", 500}, {"currency", "inr"}, {"payment_intent", "pi_1"}};
}

json event(const char* type, json object) {
  return {
      {"id", "evt_1"}, {"object", "event"}, {"created", 1'700'000'002}, {"type", type}, {"data", {{"object", object}}}};
}

template <class News>
News read(const json& what) {
  auto made = parse_news(what.dump());
  REQUIRE(made);
  CHECK(made->id == "evt_1");
  CHECK(made->created == gateway_time{std::chrono::seconds{1'700'000'002}});
  REQUIRE(std::holds_alternative<News>(made->content));
  return std::get<News>(made->content);
}

}  // namespace

TEST_CASE("a payment that succeeded names its order and what was captured") {
  auto news = read<payment_captured>(event("payment_intent.succeeded", intent("succeeded")));
  CHECK(news.payment.id == gateway_payment_id{"pi_1"});
  CHECK(news.payment.status == gateway_payment_status::captured);
  CHECK(news.payment.captured == minor_units{45'000});
  REQUIRE(news.payment.order);
  CHECK(to_string(*news.payment.order) == an_order);
}

TEST_CASE("an attempt that failed says why, and a payment that was cancelled is") {
  auto failed = intent("requires_payment_method");
  failed["last_payment_error"] = {{"code", "card_declined"}, {"decline_code", "lost_card"}, {"message", "no"}};
  auto news = read<payment_attempt_failed>(event("payment_intent.payment_failed", failed));
  CHECK(news.payment.last_failure == payment_failure{"card_declined", "lost_card"});
  CHECK(read<payment_cancelled>(event("payment_intent.canceled", intent("canceled"))).payment.status ==
        gateway_payment_status::cancelled);
}

TEST_CASE("refunds come as the charge's sum and as themselves") {
  auto sum = read<payment_refunded>(event("charge.refunded", charge()));
  CHECK(sum.payment == gateway_payment_id{"pi_1"});
  CHECK(sum.refunded == minor_units{500});
  for (const auto* type : {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}) {
    auto changed = read<refund_changed>(event(type, refund()));
    CHECK(changed.refund.id == gateway_refund_id{"re_1"});
    CHECK(changed.refund.status == gateway_refund_status::succeeded);
  }
}

TEST_CASE("types we make nothing of are ignored by name, whatever they hold") {
  CHECK(read<news_ignored>(event("customer.created", json::object())).type == "customer.created");
  CHECK(read<news_ignored>(event("payment_intent.created", {{"id", 7}})).type == "payment_intent.created");
}

TEST_CASE("what was not made by Dabba has no order, or no payment intent") {
  auto other = intent("succeeded");
  other["metadata"] = {{"order", "INV-7"}};
  CHECK_FALSE(read<payment_captured>(event("payment_intent.succeeded", other)).payment.order);
  auto bare = charge();
  bare["payment_intent"] = nullptr;
  read<news_ignored>(event("charge.refunded", bare));
}

TEST_CASE("what is no event, or not in its shape, is an error that repeats nothing of it") {
  auto good = event("payment_intent.succeeded", intent("succeeded"));
  for (const auto* name : {"id", "object", "created", "type", "data"}) {
    auto broken = good;
    broken.erase(name);
    CHECK_FALSE(parse_news(broken.dump()));
    broken[name] = json::array();
    CHECK_FALSE(parse_news(broken.dump()));
  }
  for (const auto* name : {"id", "object", "amount", "amount_received", "currency", "created", "status"}) {
    auto broken = good;
    broken["data"]["object"].erase(name);
    auto refused = parse_news(broken.dump());
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == "the payment_intent.succeeded of event evt_1 is not understood");
  }
  for (const auto* text : {"", "{", "[]", "null", "7", "\"event\"", "\xff\xfe"}) CHECK_FALSE(parse_news(text));
  CHECK_FALSE(parse_news(std::string(100'000, '[')));
}

TEST_CASE("a body with any byte changed is read or refused, and breaks nothing") {
  CHECK(rc::check([] {
    auto text = event("payment_intent.succeeded", intent("succeeded")).dump();
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i)
      text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    auto made = parse_news(text);
    if (made)
      if (const auto* paid = std::get_if<payment_captured>(&made->content))
        RC_ASSERT(paid->payment.captured.value >= 0);
  }));
}
