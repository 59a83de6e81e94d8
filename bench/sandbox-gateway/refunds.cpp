#include "bench/sandbox-gateway/refunds.hpp"

#include <array>
#include <cstdio>

#include "bench/sandbox-gateway/chance.hpp"
#include "bench/sandbox-gateway/intent_parameters.hpp"
#include "bench/sandbox-gateway/test_methods.hpp"

namespace dabba::sandbox {

namespace {

/// "$12.50", "INR 12.50", "¥1250".
std::string shown_amount(std::int64_t amount, const std::string& currency) {
  if (currency == "jpy") return "¥" + std::to_string(amount);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld.%02lld", static_cast<long long>(amount / 100),
                static_cast<long long>(amount % 100));
  std::string sign = currency + " ";
  if (currency == "usd") sign = "$";
  if (currency == "eur") sign = "€";
  if (currency == "gbp") sign = "£";
  if (currency == "inr") sign = "₹";
  return sign + text.data();
}

api_error too_much(std::int64_t wanted, std::int64_t left, const std::string& currency) {
  return invalid_request("Refund amount (" + shown_amount(wanted, currency) +
                             ") is greater than unrefunded amount on charge (" + shown_amount(left, currency) + ")",
                         {}, "amount");
}

}  // namespace

const charge& refund_desk::charge_of(parameters& given) const {
  const auto intent = given.text("payment_intent");
  const auto id = given.text("charge");
  if (!intent && !id)
    throw invalid_request("One of the following params should be provided for this request: payment_intent or charge.",
                          "parameter_missing");
  if (id) {
    const auto* found = books_.charges().find(*id);
    if (!found) throw missing_resource("charge", *id, "charge");
    return *found;
  }
  const auto* paid = books_.intents().find(*intent);
  if (!paid) throw missing_resource("payment_intent", *intent, "payment_intent");
  if (paid->status != intent_status::succeeded)
    throw invalid_request(
        "This PaymentIntent (" + paid->id + ") does not have a successful charge to refund.", {}, "payment_intent");
  return *books_.charges().find(paid->latest_charge);
}

answer refund_desk::create(parameters given, const call& who) {
  auto paid = charge_of(given);
  const auto wanted = given.integer("amount");
  const auto reason = given.choice("reason", {"duplicate", "fraudulent", "requested_by_customer"});
  const auto metadata = given.metadata();
  given.pass_over({"expand", "instructions_email"});
  given.refuse_others();
  if (paid.amount_captured == 0)
    throw invalid_request("Charge " + paid.id + " has not been captured: cancel its PaymentIntent.", {}, "charge");
  const auto left = paid.amount - paid.amount_refunded;
  if (left == 0) throw invalid_request("Charge " + paid.id + " has already been refunded.", "charge_already_refunded");
  const auto amount = wanted.value_or(left);
  if (amount < 1) throw too_small("amount");
  if (amount > left) throw too_much(amount, left, paid.currency);
  books_.require_room_for_refund();

  refund made;
  made.id = make_id("re_");
  made.charge = paid.id;
  made.payment_intent = paid.payment_intent;
  made.created = now_seconds();
  made.amount = amount;
  made.currency = paid.currency;
  made.reason = reason.value_or("");
  made.metadata = metadata;
  const auto behaviour = find_test_method(paid.test_method)->refund;
  if (!behaviour.empty()) made.settle_at = now_millis() + settings_.settle_after.count();
  if (behaviour == "pending") made.status = refund_status::pending;
  if (behaviour == "failed") made.becomes = refund_status::failed;
  paid.amount_refunded += amount;
  books_.tell("refund.created", to_json(books_.put(made)), who);
  books_.tell("charge.refunded", to_json(books_.put(paid)), who);
  return {200, to_json(made)};
}

answer refund_desk::retrieve(const std::string& id) const {
  const auto* found = books_.refunds().find(id);
  if (!found) throw missing_resource("refund", id, "id");
  return {200, to_json(*found)};
}

void refund_desk::settle_due() {
  const auto now = now_millis();
  // A copy: settling takes them out.
  for (const auto& id : std::set{books_.unsettled_refunds()}) {
    auto x = *books_.refunds().find(id);
    if (*x.settle_at > now) continue;
    x.settle_at.reset();
    x.status = x.becomes;
    const bool failed = x.status == refund_status::failed;
    if (failed) {
      x.failure_reason = "expired_or_canceled_card";
      // The money comes back to the account and may be refunded again.
      auto paid = *books_.charges().find(x.charge);
      paid.amount_refunded -= x.amount;
      books_.put(std::move(paid));
    }
    const auto shown = to_json(books_.put(std::move(x)));
    books_.tell("refund.updated", shown, {});
    if (failed) books_.tell("refund.failed", shown, {});
    books_.tell("charge.refund.updated", shown, {});
  }
}

}  // namespace dabba::sandbox
