/// Our client and the sandbox: payments, refunds and lists, as they should go.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/stripe/sandbox.hpp"

using namespace dabba;
using namespace dabba::stripe_tests;
using namespace std::chrono_literals;

namespace {

command_id new_key() { return some_payment().key; }

gateway_payment paid(sandbox& gate, stripe::gateway& client, std::int64_t amount) {
  auto made = client.create(some_payment(amount), in(5s)).value();
  gate.pay(made, "pm_card_in");
  return client.retrieve(made.id, in(5s)).value();
}

gateway_time just_now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - 60s; }

}  // namespace

TEST_CASE("a payment is made for an order, paid by the customer's app, and then captured") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  auto what = some_payment(45'050);
  auto made = client.create(what, in(5s));
  REQUIRE(made);
  CHECK(made->status == gateway_payment_status::awaiting_method);
  CHECK(made->amount == minor_units{45'050});
  CHECK(made->currency == currency::INR);
  CHECK(made->order == what.order);
  CHECK(made->client_secret.starts_with(made->id.value + "_secret_"));
  CHECK(made->captured == minor_units{0});
  CHECK(made->created > just_now());

  CHECK(gate.pay(*made, "pm_card_in").at("status") == "succeeded");
  auto after = client.retrieve(made->id, in(5s));
  REQUIRE(after);
  CHECK(after->status == gateway_payment_status::captured);
  CHECK(after->captured == minor_units{45'050});
  CHECK(after->order == what.order);
  CHECK_FALSE(after->last_failure);
}

TEST_CASE("a decline leaves its reason, and the same payment can be paid otherwise") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  auto made = client.create(some_payment(), in(5s)).value();
  CHECK(gate.pay(made, "pm_card_visa_chargeDeclinedInsufficientFunds").at("error").at("code") == "card_declined");
  auto declined = client.retrieve(made.id, in(5s)).value();
  CHECK(declined.status == gateway_payment_status::awaiting_method);
  CHECK(declined.last_failure == payment_failure{"card_declined", "insufficient_funds"});
  gate.pay(made, "pm_card_visa");
  CHECK(client.retrieve(made.id, in(5s))->status == gateway_payment_status::captured);
}

TEST_CASE("a payment waits for the customer's bank, or is processed for a while") {
  sandbox gate{{"--settle-ms", "300"}};
  stripe::gateway client{gate.client_options()};
  auto asked = client.create(some_payment(), in(5s)).value();
  gate.pay(asked, "pm_card_threeDSecure2Required");
  CHECK(client.retrieve(asked.id, in(5s))->status == gateway_payment_status::awaiting_customer);
  gate.ask("/_sandbox/authenticate/" + asked.id.value);
  CHECK(client.retrieve(asked.id, in(5s))->status == gateway_payment_status::captured);

  auto slow = client.create(some_payment(), in(5s)).value();
  gate.pay(slow, "pm_usBankAccount_success");
  CHECK(client.retrieve(slow.id, in(5s))->status == gateway_payment_status::processing);
  CHECK(system_tests::eventually(
      5s, [&] { return client.retrieve(slow.id, in(5s))->status == gateway_payment_status::captured; }));
}

TEST_CASE("the same key makes the same payment, and another request with it is refused") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  auto what = some_payment(10'000);
  auto first = client.create(what, in(5s)).value();
  auto again = client.create(what, in(5s)).value();
  CHECK(again.id == first.id);
  CHECK(again.client_secret == first.client_secret);
  auto other = what;
  other.amount = {20'000};
  auto refused = client.create(other, in(5s));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == gateway_errc::invalid);
  CHECK(refused.error().code == "idempotency_error");
  CHECK(gate.totals().at("payment_intents") == nlohmann::json{{"requires_payment_method", 1}});
}

TEST_CASE("what is not captured can be cancelled, and what is can't") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  auto made = client.create(some_payment(), in(5s)).value();
  CHECK(client.cancel(made.id, new_key(), in(5s))->status == gateway_payment_status::cancelled);
  auto twice = client.cancel(made.id, new_key(), in(5s));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().what == gateway_errc::wrong_state);
  CHECK(gate.pay(made, "pm_card_visa").contains("error"));
  auto captured = paid(gate, client, 5'000);
  CHECK(client.cancel(captured.id, new_key(), in(5s)).error().what == gateway_errc::wrong_state);
}

TEST_CASE("refunds are partial, repeat with their key, and are capped by what was captured") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  auto payment = paid(gate, client, 10'000);
  refund_request part{new_key(), payment.id, {4'000}, refund_reason::requested_by_customer};
  auto first = client.refund(part, in(5s));
  REQUIRE(first);
  CHECK(first->status == gateway_refund_status::succeeded);
  CHECK(first->amount == minor_units{4'000});
  CHECK(first->payment == payment.id);
  CHECK(client.refund(part, in(5s))->id == first->id);

  auto too_much = client.refund({new_key(), payment.id, {6'001}}, in(5s));
  REQUIRE_FALSE(too_much);
  CHECK(too_much.error().what == gateway_errc::invalid);
  CHECK(too_much.error().detail.find("greater than unrefunded amount on charge (₹60.00)") != std::string::npos);
  CHECK(client.refund({new_key(), payment.id, {6'000}, refund_reason::fraudulent}, in(5s)));
  CHECK(client.refund({new_key(), payment.id, {1}}, in(5s)).error().what == gateway_errc::wrong_state);

  auto all = client.refunds_of(payment.id, in(5s));
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->back().id == first->id);
  CHECK(gate.totals().at("refunded").at("inr") == 10'000);
}

TEST_CASE("a refund that the bank sends back is failed in the end") {
  sandbox gate{{"--settle-ms", "100"}};
  stripe::gateway client{gate.client_options()};
  auto made = client.create(some_payment(10'000), in(5s)).value();
  gate.pay(made, "pm_card_refundFail");
  REQUIRE(client.refund({new_key(), made.id, {10'000}}, in(5s)));
  CHECK(system_tests::eventually(
      5s, [&] { return client.refunds_of(made.id, in(5s))->front().status == gateway_refund_status::failed; }));
}

TEST_CASE("what the gateway does not have, or does not take, is said by type") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  CHECK(client.retrieve({"pi_unknown"}, in(5s)).error().what == gateway_errc::not_found);
  CHECK(client.retrieve({"../refunds"}, in(5s)).error().what == gateway_errc::not_found);
  CHECK(client.refund({new_key(), {"pi_unknown"}, {100}}, in(5s)).error().what == gateway_errc::not_found);
  auto small = client.create(some_payment(1), in(5s));
  REQUIRE_FALSE(small);
  CHECK(small.error().what == gateway_errc::invalid);
  CHECK(small.error().code == "amount_too_small");

  auto options = gate.client_options();
  options.secret_key = outbound::secret_text{"sk_test_of_somebody_else"};
  stripe::gateway stranger{std::move(options)};
  auto refused = stranger.create(some_payment(), in(5s));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == gateway_errc::unauthorised);
  CHECK(refused.error().detail.find("of_somebody") == std::string::npos);
}

TEST_CASE("recent payments are listed in pages, newest first") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  std::vector<gateway_payment_id> made;
  for (int i = 0; i < 105; ++i) made.push_back(client.create(some_payment(), in(5s))->id);
  auto first = client.list_payments(just_now(), std::nullopt, in(5s));
  REQUIRE(first);
  REQUIRE(first->payments.size() == 100);
  REQUIRE(first->next);
  CHECK(first->payments.front().id == made.back());
  auto second = client.list_payments(just_now(), first->next, in(5s));
  REQUIRE(second);
  CHECK(second->payments.size() == 5);
  CHECK_FALSE(second->next);
  CHECK(second->payments.back().id == made.front());
  CHECK(client.list_payments(just_now() + 3600s, std::nullopt, in(5s))->payments.empty());
}
