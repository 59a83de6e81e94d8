/// What may happen to a restaurant, and the fold of its events. Pure.
#pragma once

#include <tl/expected.hpp>

#include "protocols/model/errors.hpp"
#include "protocols/model/restaurant.hpp"

namespace dabba {

/// Refusals: `restaurant_not_found`, `illegal_transition` (verified already, registered already),
/// `restaurant_not_active` (going online unverified), `invalid_argument` (a full menu).
tl::expected<std::vector<restaurant_event>, errc> decide(const restaurant& state, const restaurant_command& command);

void apply(restaurant& state, const restaurant_event& event);

/// True while it takes orders.
bool is_open(const restaurant& state) noexcept;

/// The wanted lines at today's prices. Refusals: `restaurant_closed`, `item_not_found`, `item_unavailable`,
/// `invalid_argument` (nothing wanted, or items of several currencies).
struct wanted_line {
  item_id item;
  std::int32_t quantity = 1;
  std::string special_instructions;
};
tl::expected<std::vector<order_line>, errc> price(const restaurant& state, const std::vector<wanted_line>& wanted);

}  // namespace dabba
