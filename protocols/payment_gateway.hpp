/// The port to the card gateway. Its calls block until there is an answer or the deadline has passed: they are made by
/// detached actors and threads of their own, several at once if need be.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "protocols/model/payment.hpp"

namespace dabba {

enum class gateway_errc : std::uint8_t {
  declined,         ///< the bank said no
  invalid,          ///< the gateway will never take this
  wrong_state,      ///< the payment is not, or no longer, where this can be done: look at it
  not_found,        ///< the gateway has no such payment or refund
  unauthorised,     ///< it does not take our key: an operator has to look
  unavailable,      ///< nothing was done; the same may be asked again
  outcome_unknown,  ///< it may have been done; only a repeat with the same key, or a look at its record, will tell
};
template <>
inline constexpr auto enum_names<gateway_errc> = std::to_array<std::string_view>(
    {"declined", "invalid", "wrong-state", "not-found", "unauthorised", "unavailable", "outcome-unknown"});

struct gateway_error {
  gateway_errc what = gateway_errc::unavailable;
  std::string code;         ///< the gateway's, or ours where it did not answer; empty: it gave none
  std::string detail;       ///< for the log; names no customer and no secret
  payment_failure failure;  ///< of what was declined
};

template <class T>
using gateway_result = tl::expected<T, gateway_error>;

/// Steady time: it passes as it does on the wall.
using gateway_deadline = std::chrono::steady_clock::time_point;

struct payment_request {
  /// The same id makes the same payment, however often it is asked for: the gateway remembers it for 24 hours. After
  /// that a payment whose making has no known outcome is looked for with `list_payments`.
  command_id key;
  order_id order;
  minor_units amount;
  dabba::currency currency = dabba::currency::INR;
};

enum class refund_reason : std::uint8_t { requested_by_customer, duplicate, fraudulent };
template <>
inline constexpr auto enum_names<refund_reason> =
    std::to_array<std::string_view>({"requested_by_customer", "duplicate", "fraudulent"});

struct refund_request {
  command_id key;  ///< as of a payment_request
  gateway_payment_id payment;
  minor_units amount;
  refund_reason reason = refund_reason::requested_by_customer;
};

/// Newest first. Payments that can't be Dabba's, as in a currency it does not know, are left out.
struct payment_page {
  std::vector<gateway_payment> payments;
  std::optional<gateway_payment_id> next;  ///< where the next page begins; nothing at the end
};

class payment_gateway {
 public:
  payment_gateway() = default;
  payment_gateway(const payment_gateway&) = delete;
  payment_gateway& operator=(const payment_gateway&) = delete;
  virtual ~payment_gateway() = default;

  /// A payment that the customer's app can pay with its client_secret.
  virtual gateway_result<gateway_payment> create(const payment_request& what, gateway_deadline until) = 0;
  virtual gateway_result<gateway_payment> retrieve(const gateway_payment_id& which, gateway_deadline until) = 0;
  /// What was not captured will not be. `wrong_state` when it was captured meanwhile, or is cancelled already.
  virtual gateway_result<gateway_payment> cancel(const gateway_payment_id& which, command_id key,
                                                 gateway_deadline until) = 0;
  /// Gives back so much of what was captured; `invalid` when that is more than is left, `wrong_state` when nothing is.
  virtual gateway_result<gateway_refund> refund(const refund_request& what, gateway_deadline until) = 0;
  /// All refunds of one payment that the gateway shows at once (100), newest first.
  virtual gateway_result<std::vector<gateway_refund>> refunds_of(const gateway_payment_id& which,
                                                                 gateway_deadline until) = 0;
  /// Payments made since then; `from` is the page before's `next`, nothing for the first page.
  virtual gateway_result<payment_page> list_payments(gateway_time since, const std::optional<gateway_payment_id>& from,
                                                     gateway_deadline until) = 0;
};

}  // namespace dabba
