/// The order machine (docs/architecture.md): which command is legal when, what it causes, and the fold of events. Pure:
/// no clock, no store, no messages.
#pragma once

#include <tl/expected.hpp>

#include "protocols/model/errors.hpp"
#include "protocols/model/order_commands.hpp"
#include "protocols/model/order_events.hpp"
#include "protocols/model/terms.hpp"

namespace dabba {

/// True when the table of (status, command) pairs lets the command through. A command let through may still be refused
/// for the state of the delivery, the caller or the PIN. `placed` is false for an order that does not exist yet.
bool is_listed(bool placed, order_status status, const order_command& command) noexcept;

/// What the command causes now: no event at all (a deadline that is no longer the order's), or up to
/// `limits::events_per_command`. Refusals: `illegal_transition`, `order_not_found`, `offer_no_longer_available` (an
/// assignment that came too late), `not_found` (a delivery step of somebody else), `wrong_pin`, `invalid_argument` (a
/// price that does not add up to its lines).
tl::expected<std::vector<order_event>, errc> decide(const order& state, const order_command& command, instant now,
                                                    const order_terms& terms);

/// Folds one event into the state; `at` is when it was decided.
void apply(order& state, const order_event& event, instant at);

struct pending_deadline {
  order_deadline which = order_deadline::acceptance;
  instant due;
  friend bool operator==(const pending_deadline&, const pending_deadline&) = default;
};
/// The one deadline the order has in this state, if any.
std::optional<pending_deadline> next_deadline(const order& state) noexcept;

/// True while a partner is to be found.
bool is_searching(const order& state) noexcept;

/// True while the promotions of its price are used by it. They are given back when the order comes to nothing, unless
/// the customer is liable for that and the restaurant had accepted it.
bool uses_promotions(const order& state) noexcept;

/// Remembers a command that took effect; the oldest beyond `limits::remembered_commands` is forgotten.
void remember(std::vector<command_id>& recent, command_id id);
bool is_remembered(const std::vector<command_id>& recent, command_id id) noexcept;

}  // namespace dabba
