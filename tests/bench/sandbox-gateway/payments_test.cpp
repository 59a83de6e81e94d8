/// The life of a payment intent, walked through every pair of a status and what can be asked of it.
#include "bench/sandbox-gateway/payments.hpp"

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <map>
#include <thread>

#include "bench/sandbox-gateway/form.hpp"
#include "bench/sandbox-gateway/refunds.hpp"

using namespace dabba::sandbox;
using enum intent_status;

namespace {

struct desk {
  books kept{std::nullopt};
  payment_settings settings{std::chrono::milliseconds{0}, "http://sandbox"};
  dabba::sandbox::payments intents{kept, settings};
  refund_desk refunds{kept, settings};

  static parameters form(const std::string& text) { return parameters{parse_form(text)}; }

  std::string create(const std::string& more = {}) {
    return intents
        .create(form("amount=1000&currency=inr&automatic_payment_methods[enabled]=true&"
                     "automatic_payment_methods[allow_redirects]=never&" +
                     more),
                {})
        .body.at("id");
  }
  answer confirm(const std::string& id, const std::string& method = {}) {
    return intents.confirm(id, form(method.empty() ? "" : "payment_method=" + method), {});
  }
  const payment_intent& of(const std::string& id) { return *kept.intents().find(id); }

  /// An intent in that status.
  std::string in(intent_status status) {
    auto id = create(status == requires_capture ? "capture_method=manual" : "");
    switch (status) {
      case requires_payment_method: break;
      case requires_confirmation: intents.update(id, form("payment_method=pm_card_visa"), {}); break;
      case requires_action: confirm(id, "pm_card_threeDSecure2Required"); break;
      case processing: confirm(id, "pm_usBankAccount_success"); break;
      case requires_capture:
      case succeeded: confirm(id, "pm_card_visa"); break;
      case canceled: intents.cancel(id, form(""), {}); break;
    }
    REQUIRE(of(id).status == status);
    return id;
  }
};

constexpr std::array statuses{
    requires_payment_method, requires_confirmation, requires_action, processing, requires_capture, succeeded, canceled};

/// What becomes of an intent in each status; nothing: refused.
void walk(const std::function<void(desk&, const std::string&)>& ask, const std::map<intent_status, intent_status>& to) {
  for (auto status : statuses) {
    INFO(name(status));
    desk x;
    auto id = x.in(status);
    auto before = to_record(x.of(id));
    auto expected = to.find(status);
    if (expected != to.end()) {
      ask(x, id);
      CHECK(x.of(id).status == expected->second);
      continue;
    }
    try {
      ask(x, id);
      FAIL("it was not refused");
    } catch (const api_error& why) {
      CHECK(why.status == 400);
      CHECK(why.code == "payment_intent_unexpected_state");
      CHECK(to_record(x.of(id)) == before);
    }
  }
}

std::vector<std::string> events_of(desk& x) {
  std::vector<std::string> types;
  x.kept.events().oldest_first([&](const event& each) {
    types.push_back(each.type);
    return true;
  });
  return types;
}

std::string refusal_of(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const api_error& why) {
    return why.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("confirming with a card: in every status") {
  walk([](desk& x, const std::string& id) { x.confirm(id, "pm_card_visa"); },
       {{requires_payment_method, succeeded}, {requires_confirmation, succeeded}, {requires_action, succeeded}});
}

TEST_CASE("confirming with a card that is declined: in every status") {
  walk(
      [](desk& x, const std::string& id) {
        auto declined = x.confirm(id, "pm_card_visa_chargeDeclined");
        CHECK(declined.status == 402);
      },
      {{requires_payment_method, requires_payment_method},
       {requires_confirmation, requires_payment_method},
       {requires_action, requires_payment_method}});
}

TEST_CASE("cancelling: in every status") {
  walk([](desk& x, const std::string& id) { x.intents.cancel(id, desk::form(""), {}); },
       {{requires_payment_method, canceled},
        {requires_confirmation, canceled},
        {requires_action, canceled},
        {processing, canceled},
        {requires_capture, canceled}});
}

TEST_CASE("capturing: in every status") {
  walk([](desk& x, const std::string& id) { x.intents.capture(id, desk::form(""), {}); },
       {{requires_capture, succeeded}});
}

TEST_CASE("the customer confirms at their bank, or does not: in every status") {
  walk([](desk& x, const std::string& id) { x.intents.authenticate(id, true, {}); }, {{requires_action, succeeded}});
  walk([](desk& x, const std::string& id) { x.intents.authenticate(id, false, {}); },
       {{requires_action, requires_payment_method}});
}

TEST_CASE("what is processing is settled when its time has come, and not after it was cancelled") {
  desk x;
  auto paid = x.in(processing);
  auto failing = x.create();
  x.confirm(failing, "pm_usBankAccount_accountClosed");
  auto cancelled = x.in(processing);
  x.intents.cancel(cancelled, desk::form(""), {});
  x.intents.settle_due();
  CHECK(x.of(paid).status == succeeded);
  CHECK(x.of(failing).status == requires_payment_method);
  CHECK(x.of(failing).last_payment_error.at("code") == "bank_account_unusable");
  CHECK(x.of(cancelled).status == canceled);
}

TEST_CASE("each step is told as Stripe tells it") {
  desk x;
  auto id = x.create();
  x.confirm(id, "pm_card_visa_chargeDeclined");
  x.confirm(id, "pm_card_visa");
  x.refunds.create(desk::form("amount=400&payment_intent=" + id), {});
  CHECK(events_of(x) ==
        std::vector<std::string>{"payment_intent.created", "charge.failed", "payment_intent.payment_failed",
                                 "charge.succeeded", "payment_intent.succeeded", "refund.created", "charge.refunded"});
}

TEST_CASE("a partial capture gives the rest back, and more than is held is refused") {
  desk x;
  auto id = x.in(requires_capture);
  CHECK(x.of(id).amount_capturable == 1000);
  CHECK_THROWS_AS(x.intents.capture(id, desk::form("amount_to_capture=1001"), {}), api_error);
  x.intents.capture(id, desk::form("amount_to_capture=700"), {});
  CHECK(x.of(id).amount_received == 700);
  CHECK(refusal_of([&] { x.refunds.create(desk::form("amount=701&payment_intent=" + id), {}); }) ==
        "Refund amount (₹7.01) is greater than unrefunded amount on charge (₹7.00)");
  x.refunds.create(desk::form("payment_intent=" + id), {});
  CHECK(refusal_of([&] {
          x.refunds.create(desk::form("payment_intent=" + id), {});
        }).ends_with("has already been refunded."));
}

TEST_CASE("only what was captured is refunded") {
  for (auto status : statuses) {
    if (status == succeeded) continue;
    INFO(name(status));
    desk x;
    auto id = x.in(status);
    CHECK_THROWS_AS(x.refunds.create(desk::form("payment_intent=" + id), {}), api_error);
    CHECK(x.kept.refunds().size() == 0);
  }
}

TEST_CASE("a refund that the bank sends back may be made again") {
  desk x;
  auto id = x.create();
  x.confirm(id, "pm_card_refundFail");
  x.refunds.create(desk::form("payment_intent=" + id), {});
  x.refunds.settle_due();
  CHECK(x.kept.charges().find(x.of(id).latest_charge)->amount_refunded == 0);
  CHECK_NOTHROW(x.refunds.create(desk::form("payment_intent=" + id), {}));
}

TEST_CASE("a customer's app needs the client secret, and sees no metadata") {
  desk x;
  auto id = x.create("metadata[order]=7");
  call app{false, {}, {}};
  CHECK_THROWS_AS(x.intents.retrieve(id, desk::form(""), app), api_error);
  CHECK_THROWS_AS(x.intents.retrieve(id, desk::form("client_secret=pi_other_secret"), app), api_error);
  auto shown = x.intents.retrieve(id, desk::form("client_secret=" + x.of(id).client_secret), app).body;
  CHECK(shown.at("status") == "requires_payment_method");
  CHECK_FALSE(shown.contains("metadata"));
  CHECK_FALSE(shown.contains("latest_charge"));
}

TEST_CASE("a card's number is refused before anything else is looked at") {
  desk x;
  auto id = x.create();
  auto text =
      refusal_of([&] { x.intents.confirm(id, desk::form("payment_method_data[card][number]=4242424242424242"), {}); });
  CHECK(text.starts_with("Sending credit card numbers directly"));
  CHECK(text.find("4242") == std::string::npos);
}

TEST_CASE("amounts and currencies that can't be charged are refused") {
  desk x;
  for (const auto* text :
       {"currency=inr", "amount=100", "amount=0&currency=inr", "amount=-5&currency=inr", "amount=49&currency=usd",
        "amount=100000000&currency=usd", "amount=100&currency=xyz", "amount=1e3&currency=usd"}) {
    INFO(text);
    CHECK_THROWS_AS(x.intents.create(desk::form(text), {}), api_error);
  }
  CHECK(x.kept.intents().size() == 0);
}
