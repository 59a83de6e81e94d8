#include "bench/sandbox-gateway/objects.hpp"

#include <algorithm>
#include <array>

#include "bench/sandbox-gateway/test_methods.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 7> intent_names{
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled"};
constexpr std::array<std::string_view, 3> refund_names{"pending", "succeeded", "failed"};

json or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

}  // namespace

std::string_view name(intent_status status) { return intent_names[static_cast<std::size_t>(status)]; }
std::string_view name(refund_status status) { return refund_names[static_cast<std::size_t>(status)]; }

bool webhook_endpoint::takes(std::string_view type) const {
  return std::any_of(enabled_events.begin(), enabled_events.end(),
                     [&](const std::string& each) { return each == "*" || each == type; });
}

json to_json(const payment_intent& x) {
  return {
      {"id", x.id},
      {"object", "payment_intent"},
      {"amount", x.amount},
      {"amount_capturable", x.amount_capturable},
      {"amount_details", {{"tip", json::object()}}},
      {"amount_received", x.amount_received},
      {"application", nullptr},
      {"application_fee_amount", nullptr},
      {"automatic_payment_methods", x.automatic_payment_methods},
      {"canceled_at", x.canceled_at ? json(*x.canceled_at) : json(nullptr)},
      {"cancellation_reason", or_null(x.cancellation_reason)},
      {"capture_method", x.capture_method},
      {"client_secret", x.client_secret},
      {"confirmation_method", "automatic"},
      {"created", x.created},
      {"currency", x.currency},
      {"customer", or_null(x.customer)},
      {"description", or_null(x.description)},
      {"last_payment_error", x.last_payment_error},
      {"latest_charge", or_null(x.latest_charge)},
      {"livemode", false},
      {"metadata", x.metadata},
      {"next_action", x.next_action},
      {"on_behalf_of", nullptr},
      {"payment_method", or_null(x.payment_method)},
      {"payment_method_configuration_details", nullptr},
      {"payment_method_options", json::object()},
      {"payment_method_types", x.payment_method_types},
      {"processing", nullptr},
      {"receipt_email", or_null(x.receipt_email)},
      {"review", nullptr},
      {"setup_future_usage", nullptr},
      {"shipping", nullptr},
      {"source", nullptr},
      {"statement_descriptor", nullptr},
      {"statement_descriptor_suffix", nullptr},
      {"status", name(x.status)},
      {"transfer_data", nullptr},
      {"transfer_group", nullptr}};
}

json to_public_json(const payment_intent& x) {
  auto shown = to_json(x);
  for (const auto* hidden :
       {"amount_capturable", "amount_received", "application", "application_fee_amount", "customer", "latest_charge",
        "metadata", "on_behalf_of", "review", "transfer_data", "transfer_group"})
    shown.erase(hidden);
  return shown;
}

json payment_method_json(const std::string& id, const std::string& test_method, unix_seconds created) {
  const auto card = card_of(test_method);
  return {{"id", id},
          {"object", "payment_method"},
          {"allow_redisplay", "unspecified"},
          {"billing_details", {{"address", nullptr}, {"email", nullptr}, {"name", nullptr}, {"phone", nullptr}}},
          {"card",
           {{"brand", card.brand},
            {"country", card.country},
            {"exp_month", 12},
            {"exp_year", 2034},
            {"funding", card.funding},
            {"last4", card.last4}}},
          {"created", created},
          {"customer", nullptr},
          {"livemode", false},
          {"metadata", json::object()},
          {"type", "card"}};
}

json to_json(const charge& x) {
  const bool failed = !x.failure_code.empty();
  const auto card = card_of(x.test_method);
  json outcome{{"network_status", failed ? "declined_by_network" : "approved_by_network"},
               {"reason", or_null(x.decline_code.empty() ? x.failure_code : x.decline_code)},
               {"risk_level", "normal"},
               {"type", failed ? "issuer_declined" : "authorized"}};
  return {
      {"id", x.id},
      {"object", "charge"},
      {"amount", x.amount},
      {"amount_captured", x.amount_captured},
      {"amount_refunded", x.amount_refunded},
      {"captured", x.amount_captured > 0},
      {"created", x.created},
      {"currency", x.currency},
      {"customer", or_null(x.customer)},
      {"description", or_null(x.description)},
      {"disputed", false},
      {"failure_code", or_null(x.failure_code)},
      {"failure_message", or_null(x.failure_message)},
      {"livemode", false},
      {"metadata", x.metadata},
      {"outcome", std::move(outcome)},
      {"paid", !failed},
      {"payment_intent", x.payment_intent},
      {"payment_method", x.payment_method},
      {"payment_method_details",
       {{"card", {{"brand", card.brand}, {"country", card.country}, {"last4", card.last4}}}, {"type", "card"}}},
      {"refunded", !failed && x.amount_refunded == x.amount},
      {"status", failed ? "failed" : "succeeded"}};
}

json to_json(const refund& x) {
  json shown{
      {"id", x.id},
      {"object", "refund"},
      {"amount", x.amount},
      {"balance_transaction", nullptr},
      {"charge", x.charge},
      {"created", x.created},
      {"currency", x.currency},
      {"metadata", x.metadata},
      {"payment_intent", x.payment_intent},
      {"reason", or_null(x.reason)},
      {"receipt_number", nullptr},
      {"status", name(x.status)}};
  if (!x.failure_reason.empty()) shown["failure_reason"] = x.failure_reason;
  return shown;
}

json to_json(const event& x) {
  return {{"id", x.id},
          {"object", "event"},
          {"api_version", api_version},
          {"created", x.created},
          {"data", {{"object", json::parse(x.object)}}},
          {"livemode", false},
          {"pending_webhooks", x.undelivered.size()},
          {"request", {{"id", or_null(x.request_id)}, {"idempotency_key", or_null(x.idempotency_key)}}},
          {"type", x.type}};
}

json to_json(const webhook_endpoint& x) {
  return {{"id", x.id},
          {"object", "webhook_endpoint"},
          {"api_version", nullptr},
          {"application", nullptr},
          {"created", x.created},
          {"description", or_null(x.description)},
          {"enabled_events", x.enabled_events},
          {"livemode", false},
          {"metadata", x.metadata},
          {"status", "enabled"},
          {"url", x.url}};
}

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace dabba::sandbox
