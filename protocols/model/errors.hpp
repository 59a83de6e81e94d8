/// Everything a command can be refused with, in one enum. http-edge maps each to a status and a `code`.
#pragma once

#include "protocols/model/enum_names.hpp"

namespace dabba {

enum class errc : std::uint8_t {
  none,
  // The request makes no sense.
  invalid_argument,
  // It is not, or not for this caller.
  not_found,
  order_not_found,
  restaurant_not_found,
  item_not_found,
  search_not_found,
  no_location,
  // It makes sense, but not now.
  illegal_transition,
  stale_version,
  offer_no_longer_available,
  restaurant_not_active,
  restaurant_closed,
  item_unavailable,
  currency_mismatch,
  licence_number_taken,
  wrong_pin,
  too_many_attempts,
  payment_method_unavailable,
  partner_at_capacity,
  partner_offline,
  idempotency_key_reused,
  idempotency_key_exists,
  resume_point_lost,
  // The system can't now; the command may be repeated with the same id.
  overloaded,
  unavailable,
  deadline_exceeded,
  moved,
  outcome_unknown,
  // A bug or a broken row: logged, never expected.
  internal,
  // Of accounts: it makes sense, but not now.
  email_taken,
  open_orders,
  too_many_addresses,
  owns_restaurant,
  wrong_password,
  partner_not_approved,
};

template <>
inline constexpr auto enum_names<errc> = std::to_array<std::string_view>(
    {"none",
     "invalid-argument",
     "not-found",
     "order-not-found",
     "restaurant-not-found",
     "item-not-found",
     "search-not-found",
     "no-location",
     "illegal-transition",
     "stale-version",
     "offer-no-longer-available",
     "restaurant-not-active",
     "restaurant-closed",
     "item-unavailable",
     "currency-mismatch",
     "licence-number-taken",
     "wrong-pin",
     "too-many-attempts",
     "payment-method-unavailable",
     "partner-at-capacity",
     "partner-offline",
     "idempotency-key-reused",
     "idempotency-key-exists",
     "resume-point-lost",
     "overloaded",
     "unavailable",
     "deadline-exceeded",
     "moved",
     "outcome-unknown",
     "internal",
     "email-taken",
     "open-orders",
     "too-many-addresses",
     "owns-restaurant",
     "wrong-password",
     "partner-not-approved"});

}  // namespace dabba
