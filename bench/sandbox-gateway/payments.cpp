#include "bench/sandbox-gateway/payments.hpp"

#include <algorithm>

#include "bench/sandbox-gateway/chance.hpp"
#include "bench/sandbox-gateway/intent_parameters.hpp"
#include "bench/sandbox-gateway/limits.hpp"
#include "bench/sandbox-gateway/test_methods.hpp"

namespace dabba::sandbox {

namespace {

using enum intent_status;
using nlohmann::json;

json shown_to(const call& who, const payment_intent& x) { return who.is_secret ? to_json(x) : to_public_json(x); }

api_error wrong_state(const payment_intent& x, const std::string& message) {
  auto made = invalid_request(message, "payment_intent_unexpected_state");
  made.payment_intent = to_json(x);
  return made;
}

std::string only_one_of(const std::string& done, std::initializer_list<intent_status> allowed) {
  std::string text = " Only a PaymentIntent with one of the following statuses may be " + done + ": ";
  for (auto each : allowed) text += std::string{each == *allowed.begin() ? "" : ", "} + std::string{name(each)};
  return text + ".";
}

void require_status(const payment_intent& x, const std::string& what, const std::string& done,
                    std::initializer_list<intent_status> allowed) {
  if (std::find(allowed.begin(), allowed.end(), x.status) != allowed.end()) return;
  throw wrong_state(
      x, what + " because it has a status of " + std::string{name(x.status)} + "." + only_one_of(done, allowed));
}

charge charge_for(const payment_intent& x, const test_method& method) {
  charge made;
  made.id = make_id("ch_");
  made.payment_intent = x.id;
  made.created = now_seconds();
  made.amount = x.amount;
  made.currency = x.currency;
  made.payment_method = x.payment_method;
  made.test_method = x.test_method;
  made.failure_code = method.code;
  made.decline_code = method.decline_code;
  if (!method.code.empty()) made.failure_message = decline_message(method.code, method.decline_code);
  made.customer = x.customer;
  made.description = x.description;
  made.metadata = x.metadata;
  return made;
}

}  // namespace

const payment_intent& payments::find(const std::string& id) const {
  const auto* found = books_.intents().find(id);
  if (!found) throw missing_resource("payment_intent", id, "intent");
  return *found;
}

void payments::show_and_tell(const std::string& type, const payment_intent& x, const call& who) {
  books_.tell(type, to_json(books_.put(x)), who);
}

// -- Requests --------------------------------------------------------------------------------------------------------

answer payments::create(parameters given, const call& who) {
  auto x = new_intent(given);
  use_method(x, given);
  const bool confirms = given.truth("confirm").value_or(false);
  const auto return_url = given.text("return_url");
  given.refuse_others();
  if (confirms) require_confirmable(x, return_url.has_value());
  books_.require_room_for_payment();
  x.id = make_id("pi_");
  x.client_secret = x.id + make_id("_secret_", 25);
  x.created = now_seconds();
  if (!x.payment_method.empty()) x.status = requires_confirmation;
  show_and_tell("payment_intent.created", x, who);
  if (confirms) return start(std::move(x), who);
  return {200, shown_to(who, x)};
}

answer payments::retrieve(const std::string& id, parameters given, const call& who) const {
  const auto secret = given.text("client_secret");
  const auto expand = given.list("expand");
  given.refuse_others();
  const auto& x = find(id);
  require_client_secret(x, secret, who);
  auto shown = shown_to(who, x);
  if (std::find(expand.begin(), expand.end(), "latest_charge") != expand.end() && !x.latest_charge.empty())
    shown["latest_charge"] = to_json(*books_.charges().find(x.latest_charge));
  return {200, std::move(shown)};
}

answer payments::update(const std::string& id, parameters given, const call& who) {
  auto x = find(id);
  change_intent(x, given);
  use_method(x, given);
  given.refuse_others();
  if (x.status == requires_payment_method && !x.payment_method.empty()) x.status = requires_confirmation;
  books_.put(x);
  return {200, shown_to(who, x)};
}

answer payments::confirm(const std::string& id, parameters given, const call& who) {
  auto x = find(id);
  require_client_secret(x, given.text("client_secret"), who);
  if (x.status == succeeded)
    throw wrong_state(x,
                      "You cannot confirm this PaymentIntent because it has already succeeded after being previously "
                      "confirmed.");
  require_status(x, "You cannot confirm this PaymentIntent", "confirmed",
                 {requires_confirmation, requires_action, requires_payment_method});
  use_method(x, given);
  const bool by_app = given.truth("use_stripe_sdk").value_or(false) || !who.is_secret;
  const bool returns = given.text("return_url").has_value() || by_app;
  given.pass_over({"off_session", "mandate_data", "receipt_email", "error_on_requires_action", "expand",
                   "payment_method_options", "shipping", "setup_future_usage", "capture_method", "radar_options"});
  given.refuse_others();
  if (x.payment_method.empty())
    throw wrong_state(x,
                      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either "
                      "update the PaymentIntent with a payment method and then confirm it again, or confirm it again "
                      "directly with a payment method or ConfirmationToken.");
  require_confirmable(x, returns);
  books_.require_room_for_payment();
  return start(std::move(x), who);
}

answer payments::capture(const std::string& id, parameters given, const call& who) {
  auto x = find(id);
  const auto wanted = given.integer("amount_to_capture");
  given.pass_over({"metadata", "statement_descriptor", "statement_descriptor_suffix", "final_capture", "expand"});
  given.refuse_others();
  require_status(x, "This PaymentIntent could not be captured", "captured", {requires_capture});
  const auto amount = wanted.value_or(x.amount_capturable);
  if (amount < 1) throw too_small("amount_to_capture");
  if (amount > x.amount_capturable)
    throw invalid_request("The requested capture amount is greater than the amount you can capture for this charge.",
                          "amount_too_large", "amount_to_capture");
  auto paid = *books_.charges().find(x.latest_charge);
  paid.amount_captured = amount;
  paid.amount_refunded = paid.amount - amount;  // what is not captured goes back
  x.amount_capturable = 0;
  x.amount_received = amount;
  x.status = succeeded;
  books_.tell("charge.captured", to_json(books_.put(paid)), who);
  show_and_tell("payment_intent.succeeded", x, who);
  return {200, shown_to(who, x)};
}

answer payments::cancel(const std::string& id, parameters given, const call& who) {
  auto x = find(id);
  const auto reason =
      given.choice("cancellation_reason", {"duplicate", "fraudulent", "requested_by_customer", "abandoned"});
  given.pass_over({"expand"});
  given.refuse_others();
  require_status(x, "You cannot cancel this PaymentIntent", "canceled",
                 {requires_payment_method, requires_capture, requires_confirmation, requires_action, processing});
  if (x.status == requires_capture) {
    auto held = *books_.charges().find(x.latest_charge);
    held.amount_refunded = held.amount;
    books_.tell("charge.refunded", to_json(books_.put(held)), who);
  }
  x.status = canceled;
  x.canceled_at = now_seconds();
  x.cancellation_reason = reason.value_or("");
  x.amount_capturable = 0;
  x.next_action = nullptr;
  x.settle_at.reset();
  show_and_tell("payment_intent.canceled", x, who);
  return {200, shown_to(who, x)};
}

// -- What a bank does ------------------------------------------------------------------------------------------------

void payments::use_method(payment_intent& x, parameters& given) const {
  const auto data = given.object("payment_method_data");
  if (data.contains("card") && data["card"].contains("number"))
    throw invalid_request(
        "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens "
        "that map to the test card you are using, see https://stripe.com/docs/testing.",
        {}, "payment_method_data[card][number]");
  if (!data.empty())
    throw invalid_request(
        "This sandbox takes test payment methods only, such as pm_card_visa.", {}, "payment_method_data");
  const auto method = given.text("payment_method");
  if (!method || *method == x.payment_method) return;
  if (!find_test_method(*method)) {
    auto unknown = missing_resource("PaymentMethod", *method, "payment_method");
    unknown.status = 400;
    throw unknown;
  }
  x.test_method = *method;
  x.payment_method = make_id("pm_");
}

answer payments::start(payment_intent x, const call& who) {
  x.last_payment_error = nullptr;
  switch (find_test_method(x.test_method)->first) {
    case first_step::authorise: return charge_now(std::move(x), who);
    case first_step::authenticate:
      x.status = requires_action;
      x.next_action = {{"type", "redirect_to_url"},
                       {"redirect_to_url",
                        {{"return_url", nullptr}, {"url", settings_.base_url + "/_sandbox/authenticate/" + x.id}}}};
      show_and_tell("payment_intent.requires_action", x, who);
      break;
    case first_step::process:
      x.status = processing;
      x.settle_at = now_millis() + settings_.settle_after.count();
      show_and_tell("payment_intent.processing", x, who);
      break;
  }
  return {200, shown_to(who, x)};
}

answer payments::charge_now(payment_intent x, const call& who) {
  x.next_action = nullptr;
  x.settle_at.reset();
  auto made = charge_for(x, *find_test_method(x.test_method));
  x.latest_charge = made.id;
  if (!made.failure_code.empty()) return decline(std::move(x), made, who);
  const bool captures = x.capture_method != "manual";
  if (captures) made.amount_captured = made.amount;
  x.status = captures ? succeeded : requires_capture;
  (captures ? x.amount_received : x.amount_capturable) = x.amount;
  books_.tell("charge.succeeded", to_json(books_.put(made)), who);
  show_and_tell(captures ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated", x, who);
  return {200, shown_to(who, x)};
}

answer payments::decline(payment_intent x, const charge& refused, const call& who) {
  books_.tell("charge.failed", to_json(books_.put(refused)), who);
  api_error why{402, "card_error", refused.failure_message};
  why.code = refused.failure_code;
  why.decline_code = refused.decline_code;
  why.charge = refused.id;
  return fail(std::move(x), std::move(why), who);
}

/// Back to where another payment method may be given.
answer payments::fail(payment_intent x, api_error why, const call& who) {
  x.last_payment_error = body_of(why)["error"];
  x.last_payment_error["payment_method"] = payment_method_json(x.payment_method, x.test_method, now_seconds());
  x.status = requires_payment_method;
  x.payment_method.clear();
  x.test_method.clear();
  x.next_action = nullptr;
  x.settle_at.reset();
  show_and_tell("payment_intent.payment_failed", x, who);
  why.payment_intent = shown_to(who, x);
  return {why.status, body_of(why)};
}

answer payments::authenticate(const std::string& id, bool succeeds, const call& who) {
  auto x = find(id);
  require_status(x, "You cannot authenticate this PaymentIntent", "authenticated", {requires_action});
  if (succeeds) return charge_now(std::move(x), who);
  api_error why{402, "card_error",
                "We are unable to authenticate your payment method. Please choose a different payment method and try "
                "again."};
  why.code = "payment_intent_authentication_failure";
  return fail(std::move(x), std::move(why), who);
}

void payments::settle_due() {
  const auto now = now_millis();
  // A copy: settling takes them out.
  for (const auto& id : std::set{books_.unsettled_intents()}) {
    const auto& x = *books_.intents().find(id);
    if (*x.settle_at <= now) charge_now(x, {});
  }
}

answer retrieve_charge(const books& kept, const std::string& id) {
  const auto* found = kept.charges().find(id);
  if (!found) throw missing_resource("charge", id, "id");
  return {200, to_json(*found)};
}

}  // namespace dabba::sandbox
