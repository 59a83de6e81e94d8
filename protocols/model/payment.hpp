/// A card payment as the gateway keeps it. Dabba never sees a card: a customer's app gives it to the gateway, and shows
/// with a `client_secret` which payment it is for.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "protocols/model/ids.hpp"
#include "protocols/model/money.hpp"

namespace dabba {

/// The gateway's ids, as it writes them.
struct gateway_payment_id {
  std::string value;
  friend auto operator<=>(const gateway_payment_id&, const gateway_payment_id&) = default;
};
struct gateway_refund_id {
  std::string value;
  friend auto operator<=>(const gateway_refund_id&, const gateway_refund_id&) = default;
};

/// In real seconds: the gateway knows no platform time.
using gateway_time = std::chrono::sys_seconds;

enum class gateway_payment_status : std::uint8_t {
  awaiting_method,        ///< nothing was tried yet, or what was tried failed
  awaiting_confirmation,  ///< a method is known, and the customer has to say yes
  awaiting_customer,      ///< at their bank
  processing,
  authorised,  ///< the money is held, and not ours yet
  captured,
  cancelled
};
template <>
inline constexpr auto enum_names<gateway_payment_status> = std::to_array<std::string_view>(
    {"awaiting-method", "awaiting-confirmation", "awaiting-customer", "processing", "authorised", "captured",
     "cancelled"});

/// Why the last attempt to pay failed: the gateway's words, made for people who look into it.
struct payment_failure {
  std::string code;          ///< card_declined
  std::string decline_code;  ///< insufficient_funds; empty where the bank said no more
  friend bool operator==(const payment_failure&, const payment_failure&) = default;
};

struct gateway_payment {
  gateway_payment_id id;
  gateway_payment_status status = gateway_payment_status::awaiting_method;
  minor_units amount;    ///< asked for
  minor_units captured;  ///< taken
  dabba::currency currency = dabba::currency::INR;
  std::optional<order_id> order;  ///< what it is for; nothing: it was not made by Dabba
  std::string client_secret;      ///< for the customer's app, and nobody else; empty where the gateway does not say
  std::optional<payment_failure> last_failure;
  gateway_time created;
};

enum class gateway_refund_status : std::uint8_t { pending, succeeded, failed, cancelled };
template <>
inline constexpr auto enum_names<gateway_refund_status> =
    std::to_array<std::string_view>({"pending", "succeeded", "failed", "cancelled"});

struct gateway_refund {
  gateway_refund_id id;
  gateway_payment_id payment;
  gateway_refund_status status = gateway_refund_status::pending;
  minor_units amount;
  dabba::currency currency = dabba::currency::INR;
  gateway_time created;
};

/// What the gateway tells by itself. The same news may come twice, in any order, late, or never: what counts is what a
/// payment's own record says, and news are a reason to look.
struct payment_captured {
  gateway_payment payment;
};
struct payment_attempt_failed {
  gateway_payment payment;  ///< with its last_failure; another attempt may still succeed
};
struct payment_cancelled {
  gateway_payment payment;
};
/// So much of the payment has been given back in all.
struct payment_refunded {
  gateway_payment_id payment;
  minor_units refunded;
  dabba::currency currency = dabba::currency::INR;
};
struct refund_changed {
  gateway_refund refund;
};
/// Of a type that nothing is made of here.
struct news_ignored {
  std::string type;
};

using gateway_news_content = std::variant<payment_captured, payment_attempt_failed, payment_cancelled, payment_refunded,
                                          refund_changed, news_ignored>;

struct gateway_news {
  std::string id;  ///< the gateway's: the same news has the same
  gateway_time created;
  gateway_news_content content;
};

}  // namespace dabba
