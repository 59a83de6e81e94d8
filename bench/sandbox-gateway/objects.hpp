/// What the gateway keeps: payment intents, charges, refunds, events and webhook endpoints, and their form in JSON.
///
/// `to_json` is what the API shows. What only the sandbox needs to know stands under `sandbox` in `to_record`, which is
/// what is written to the file and read back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/sandbox-gateway/parameters.hpp"

namespace dabba::sandbox {

/// Since the Unix epoch.
using unix_seconds = std::int64_t;
using unix_millis = std::int64_t;

/// Of the API whose shapes these are.
inline constexpr std::string_view api_version = "2025-03-31.basil";

enum class intent_status : std::uint8_t {
  requires_payment_method,
  requires_confirmation,
  requires_action,
  processing,
  requires_capture,
  succeeded,
  canceled
};
std::string_view name(intent_status status);

struct payment_intent {
  std::string id;
  std::string client_secret;
  unix_seconds created = 0;
  std::int64_t amount = 0;
  std::int64_t amount_capturable = 0;
  std::int64_t amount_received = 0;
  std::string currency;  ///< three small letters
  intent_status status = intent_status::requires_payment_method;
  std::string capture_method = "automatic_async";
  std::string customer;
  std::string description;
  std::string receipt_email;
  std::string payment_method;  ///< the id made for it
  std::string latest_charge;
  std::string cancellation_reason;
  std::optional<unix_seconds> canceled_at;
  metadata_map metadata;
  std::vector<std::string> payment_method_types;
  nlohmann::json automatic_payment_methods = nullptr;
  nlohmann::json last_payment_error = nullptr;
  nlohmann::json next_action = nullptr;
  std::string test_method;               ///< what `payment_method` was made from: pm_card_visa and its like
  std::optional<unix_millis> settle_at;  ///< when what is processing becomes what it becomes
};

struct charge {
  std::string id;
  std::string payment_intent;
  unix_seconds created = 0;
  std::int64_t amount = 0;
  std::int64_t amount_captured = 0;
  std::int64_t amount_refunded = 0;
  std::string currency;
  std::string payment_method;
  std::string test_method;
  std::string failure_code;
  std::string failure_message;
  std::string decline_code;
  std::string customer;
  std::string description;
  metadata_map metadata;
};

enum class refund_status : std::uint8_t { pending, succeeded, failed };
std::string_view name(refund_status status);

struct refund {
  std::string id;
  std::string charge;
  std::string payment_intent;
  unix_seconds created = 0;
  std::int64_t amount = 0;
  std::string currency;
  std::string reason;
  refund_status status = refund_status::succeeded;
  std::string failure_reason;
  metadata_map metadata;
  refund_status becomes = refund_status::succeeded;  ///< at settle_at
  std::optional<unix_millis> settle_at;
};

struct event {
  std::string id;
  std::string type;
  unix_seconds created = 0;
  std::string object;  ///< the object as it was, in JSON
  std::string request_id;
  std::string idempotency_key;
  std::vector<std::string> undelivered;  ///< endpoints that have not answered 2xx
};

struct webhook_endpoint {
  std::string id;
  std::string url;
  unix_seconds created = 0;
  std::vector<std::string> enabled_events;  ///< "*": all
  std::string description;
  metadata_map metadata;
  struct secret {
    std::string text;
    std::optional<unix_seconds> ends;  ///< of one that was replaced
  };
  std::vector<secret> secrets;  ///< the newest last

  [[nodiscard]] bool takes(std::string_view type) const;
};

nlohmann::json to_json(const payment_intent& x);
/// What a customer's app is shown, which has no secret key.
nlohmann::json to_public_json(const payment_intent& x);
nlohmann::json to_json(const charge& x);
nlohmann::json to_json(const refund& x);
nlohmann::json to_json(const event& x);
nlohmann::json to_json(const webhook_endpoint& x);
/// The payment method a test method stands for.
nlohmann::json payment_method_json(const std::string& id, const std::string& test_method, unix_seconds created);

nlohmann::json to_record(const payment_intent& x);
nlohmann::json to_record(const charge& x);
nlohmann::json to_record(const refund& x);
nlohmann::json to_record(const event& x);
nlohmann::json to_record(const webhook_endpoint& x);

/// Throw nlohmann::json::exception for what `to_record` has not made.
payment_intent intent_of(const nlohmann::json& record);
charge charge_of(const nlohmann::json& record);
refund refund_of(const nlohmann::json& record);
event event_of(const nlohmann::json& record);
webhook_endpoint endpoint_of(const nlohmann::json& record);

/// JSON text; broken UTF-8 that a client has sent comes out as U+FFFD.
std::string text_of(const nlohmann::json& value);

}  // namespace dabba::sandbox
