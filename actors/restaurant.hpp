/// The restaurant actor: profile, settings, menu, and the feed of its orders.
#pragma once

#include <optional>

#include "actors/node.hpp"

namespace dabba {

restaurant_actor spawn_restaurant(caf::actor_system& system, shard_context_ptr shard, restaurant_id id,
                                  std::optional<restaurant_with_menu> known);

}  // namespace dabba
