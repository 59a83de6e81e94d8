/// What the routes of restaurants, their settings and menus have in common.
#pragma once

#include "http-edge/commands.hpp"
#include "http-edge/restaurant_views.hpp"

namespace dabba::http {

inline constexpr auto restaurant_owners = access::only({user_role::restaurant, user_role::admin});

/// The restaurant of the path, when it is the caller's.
asio::awaitable<answer_or_problem<restaurant_id>> own_restaurant(call& c);

/// As the caller may see it.
response shown(const call& c, const restaurant& x, unsigned status = 200);

/// Sends a command to the restaurant and answers with its new state.
asio::awaitable<handled> change(call& c, restaurant_id which, restaurant_command what);

}  // namespace dabba::http
