/// What may happen to a restaurant and its menu, and the fold of its events. Pure.
#pragma once

#include <tl/expected.hpp>

#include "protocols/model/errors.hpp"
#include "protocols/model/restaurant_commands.hpp"
#include "protocols/model/restaurant_events.hpp"

namespace dabba {

/// What the command causes: nothing where it changes nothing. Refusals: `restaurant_not_found`; `illegal_transition` (a
/// verification that does not fit, a licence number changed after it was verified); `restaurant_not_active` (going
/// online unverified); `unknown_time_zone`; `invalid_delivery_area`; what is not there by its name
/// (`item_not_found`, `document_not_found`, ...); `limit_reached`; `currency_mismatch`; `category_name_taken`;
/// `modifier_group_in_use`; `invalid_argument` (a group that asks for more choices than it has, a return in the past).
tl::expected<std::vector<restaurant_event>, errc> decide(const restaurant_with_menu& state,
                                                         const restaurant_command& command, instant now);

void apply(restaurant_with_menu& state, const restaurant_event& event);

/// What an order goes by that is placed now.
kitchen_terms terms_at(const kitchen_settings& x, std::int32_t usual_preparation_minutes, instant now) noexcept;

/// When things of the menu that are not to be had return by themselves, earliest first.
std::vector<instant> returns_of(const menu& x);

}  // namespace dabba
