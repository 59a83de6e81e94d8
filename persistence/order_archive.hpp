/// The orders of a customer and the restaurants of an owner, read apart from their actors: the history, and what has to
/// be forgotten or stands in the way. Calls block, as
/// those of the other store ports; one object is used by one thread; `unavailable` when the database can't be reached.
#pragma once

#include "persistence/store.hpp"

namespace dabba {

struct order_filter {
  std::optional<order_status> status;
  std::optional<instant> from;   ///< placed then or later
  std::optional<instant> until;  ///< placed before

  friend bool operator==(const order_filter&, const order_filter&) = default;
};

/// What takes the place of an event's payload. The type stays.
struct rewritten_event {
  uuid entity;
  std::uint64_t seq = 0;
  std::int32_t version = 1;  ///< of the payload
  std::string payload;
};

class order_archive {
 public:
  virtual ~order_archive() = default;
  virtual void asked_at(std::chrono::steady_clock::time_point) {}

  /// The states (JSON), newest first.
  virtual result_of<std::vector<std::string>> customer_orders(user_id customer, const order_filter& filter,
                                                              std::optional<order_cursor> after, std::size_t limit) = 0;
  virtual result_of<bool> has_open_orders(user_id customer) = 0;
  /// The states (JSON) of all that the user ever registered.
  virtual result_of<std::vector<std::string>> owned_restaurants(user_id owner) = 0;
  /// Orders that have ended and still say what their customer wrote.
  virtual result_of<std::vector<order_id>> orders_to_forget(user_id customer, std::size_t limit) = 0;
  /// What the partner's journal holds of the order's being assigned to it.
  virtual result_of<std::vector<stored_event>> assignments(order_id which, partner_id to) = 0;
  /// The last step of forgetting an order's customer, after its actor has written that it did: the earlier events'
  /// payloads, and those of its partners. All of it or nothing.
  virtual result_of<void> rewrite_events(order_id which, std::span<const rewritten_event> events) = 0;
};

}  // namespace dabba
