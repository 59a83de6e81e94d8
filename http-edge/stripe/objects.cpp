#include "http-edge/stripe/objects.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "protocols/model/limits.hpp"

namespace dabba::stripe {
namespace {

using nlohmann::json;

constexpr std::size_t id_chars = 255;
constexpr std::size_t code_chars = 100;

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// Empty for what is no text.
std::string text_in(const json& object, const char* name) {
  const auto* value = member(object, name);
  return value && value->is_string() ? value->get<std::string>() : std::string{};
}

std::string short_text_in(const json& object, const char* name, std::size_t most) {
  auto text = text_in(object, name);
  if (text.size() > most) text.resize(most);
  return text;
}

std::optional<std::int64_t> count_in(const json& object, const char* name) {
  const auto* value = member(object, name);
  if (!value || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  auto count = value->get<std::int64_t>();
  return count < 0 ? std::nullopt : std::optional{count};
}

std::optional<std::string> id_in(const json& object, const char* name, std::string_view prefix) {
  auto text = text_in(object, name);
  bool is_id = text.starts_with(prefix) && text.size() > prefix.size() && text.size() <= id_chars &&
               std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
  if (!is_id) return std::nullopt;
  return text;
}

std::optional<currency> currency_in(const json& object) {
  auto text = text_in(object, "currency");
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return parse_enum<currency>(text);
}

bool is_kind(const json& object, std::string_view kind) { return text_in(object, "object") == kind; }

template <class Status>
struct named_status {
  std::string_view name;
  Status status;
};

template <class Status, std::size_t N>
std::optional<Status> status_in(const json& object, const std::array<named_status<Status>, N>& names) {
  auto text = text_in(object, "status");
  auto found = std::find_if(names.begin(), names.end(), [&](const auto& each) { return each.name == text; });
  return found == names.end() ? std::nullopt : std::optional{found->status};
}

using payment_status = gateway_payment_status;
constexpr std::array<named_status<payment_status>, 7> payment_names{{
    {"requires_payment_method", payment_status::awaiting_method},
    {"requires_confirmation", payment_status::awaiting_confirmation},
    {"requires_action", payment_status::awaiting_customer},
    {"processing", payment_status::processing},
    {"requires_capture", payment_status::authorised},
    {"succeeded", payment_status::captured},
    {"canceled", payment_status::cancelled},
}};
using refund_status = gateway_refund_status;
constexpr std::array<named_status<refund_status>, 5> refund_names{{
    {"pending", refund_status::pending},
    {"requires_action", refund_status::pending},
    {"succeeded", refund_status::succeeded},
    {"failed", refund_status::failed},
    {"canceled", refund_status::cancelled},
}};

payment_failure failure_in(const json& error) {
  return {short_text_in(error, "code", code_chars), short_text_in(error, "decline_code", code_chars)};
}

bool is_wrong_state(const std::string& code) {
  return code == "payment_intent_unexpected_state" || code == "charge_already_refunded";
}

gateway_errc what_of(long status, const std::string& type, const std::string& code) {
  if (status == 402) return gateway_errc::declined;
  if (status == 401 || status == 403) return gateway_errc::unauthorised;
  if (status == 429) return gateway_errc::unavailable;
  // 409: a request with the same key is under way, whatever comes of it.
  if (status == 409 || status >= 500) return gateway_errc::outcome_unknown;
  if (code == "resource_missing") return gateway_errc::not_found;
  if (is_wrong_state(code)) return gateway_errc::wrong_state;
  // Anything else that speaks like Stripe is a refusal; what does not, is not Stripe and says nothing.
  return type.empty() ? gateway_errc::outcome_unknown : gateway_errc::invalid;
}

}  // namespace

std::optional<gateway_payment> payment_of(const json& intent) {
  auto id = id_in(intent, "id", "pi_");
  auto status = status_in(intent, payment_names);
  auto amount = count_in(intent, "amount");
  auto captured = count_in(intent, "amount_received");
  auto money = currency_in(intent);
  auto created = count_in(intent, "created");
  if (!is_kind(intent, "payment_intent") || !id || !status || !amount || !captured || !money || !created)
    return std::nullopt;
  gateway_payment out;
  out.id = {*id};
  out.status = *status;
  out.amount = {*amount};
  out.captured = {*captured};
  out.currency = *money;
  out.client_secret = text_in(intent, "client_secret");
  out.created = gateway_time{std::chrono::seconds{*created}};
  if (const auto* metadata = member(intent, "metadata"))
    if (auto order = parse_uuid(text_in(*metadata, "order"))) out.order = order_id{*order};
  if (const auto* error = member(intent, "last_payment_error"); error && error->is_object())
    out.last_failure = failure_in(*error);
  return out;
}

std::optional<gateway_refund> refund_of(const json& refund) {
  auto id = id_in(refund, "id", "re_");
  if (!id) id = id_in(refund, "id", "pyr_");  // of what was not paid by card
  auto payment = id_in(refund, "payment_intent", "pi_");
  auto status = status_in(refund, refund_names);
  auto amount = count_in(refund, "amount");
  auto money = currency_in(refund);
  auto created = count_in(refund, "created");
  if (!is_kind(refund, "refund") || !id || !payment || !status || !amount || !money || !created) return std::nullopt;
  return gateway_refund{{*id}, {*payment}, *status, {*amount}, *money, gateway_time{std::chrono::seconds{*created}}};
}

std::optional<payment_refunded> refunded_of(const json& charge) {
  auto payment = id_in(charge, "payment_intent", "pi_");
  auto refunded = count_in(charge, "amount_refunded");
  auto money = currency_in(charge);
  if (!is_kind(charge, "charge") || !payment || !refunded || !money) return std::nullopt;
  return payment_refunded{{*payment}, {*refunded}, *money};
}

gateway_error error_of(const outbound::http_response& answer) {
  auto body = parse_text(answer.body);
  const auto* error = member(body, "error");
  auto type = error ? short_text_in(*error, "type", code_chars) : std::string{};
  gateway_error out;
  if (error) out.failure = failure_in(*error);
  out.code = !out.failure.code.empty() ? out.failure.code : type;
  if (out.code.empty()) out.code = "http-" + std::to_string(answer.status);
  out.what = what_of(answer.status, type, out.failure.code);
  out.detail = "HTTP " + std::to_string(answer.status);
  if (error) out.detail += ": " + short_text_in(*error, "message", limits::text_chars);
  if (auto id = answer.header("request-id"); !id.empty()) out.detail += " (" + std::string{id} + ")";
  return out;
}

json parse_text(std::string_view text) { return json::parse(text, nullptr, false); }

std::string currency_code(currency x) {
  auto code = to_string(x);
  std::transform(code.begin(), code.end(), code.begin(), [](unsigned char c) { return std::tolower(c); });
  return code;
}

}  // namespace dabba::stripe
