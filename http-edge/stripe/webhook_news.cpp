#include "http-edge/stripe/webhook_news.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "http-edge/stripe/objects.hpp"

namespace dabba::stripe {
namespace {

using nlohmann::json;
using content = std::optional<gateway_news_content>;

template <class News>
content of_payment(const json& object) {
  auto payment = payment_of(object);
  if (!payment) return std::nullopt;
  return News{std::move(*payment)};
}

content of_refund(const json& object) {
  auto refund = refund_of(object);
  if (!refund) return std::nullopt;
  return refund_changed{std::move(*refund)};
}

content of_charge(const json& object) {
  // A charge that belongs to no payment intent was not made by Dabba.
  if (object.contains("payment_intent") && object["payment_intent"].is_null()) return news_ignored{"charge.refunded"};
  auto refunded = refunded_of(object);
  if (!refunded) return std::nullopt;
  return std::move(*refunded);
}

struct reader {
  std::string_view type;
  content (*read)(const json& object);
};

constexpr std::array<reader, 8> readers{{
    {"payment_intent.succeeded", of_payment<payment_captured>},
    {"payment_intent.payment_failed", of_payment<payment_attempt_failed>},
    {"payment_intent.canceled", of_payment<payment_cancelled>},
    {"charge.refunded", of_charge},
    {"charge.refund.updated", of_refund},
    {"refund.created", of_refund},
    {"refund.updated", of_refund},
    {"refund.failed", of_refund},
}};

bool is_event(const json& x) {
  auto is_text = [&](const char* name) { return x.contains(name) && x[name].is_string(); };
  auto is_whole = [&](const char* name) { return x.contains(name) && x[name].is_number_unsigned(); };
  return x.is_object() && is_text("object") && x["object"] == "event" && is_text("id") && is_text("type") &&
         is_whole("created") && x["created"].get<std::uint64_t>() < 1'000'000'000'000 && x.contains("data") &&
         x["data"].is_object() && x["data"].contains("object") && x["data"]["object"].is_object();
}

}  // namespace

tl::expected<gateway_news, std::string> parse_news(std::string_view body) {
  const auto event = parse_text(body);
  if (!is_event(event)) return tl::unexpected{std::string{"the body is no event"}};
  gateway_news out;
  out.id = event["id"];
  out.created = gateway_time{std::chrono::seconds{event["created"].get<std::int64_t>()}};
  const auto type = event["type"].get<std::string>();
  out.content = news_ignored{type};
  for (const auto& each : readers) {
    if (each.type != type) continue;
    auto made = each.read(event["data"]["object"]);
    if (!made) return tl::unexpected{"the " + type + " of event " + out.id + " is not understood"};
    out.content = std::move(*made);
  }
  return out;
}

}  // namespace dabba::stripe
