/// The order actor: one per order, from the checkout to the door.
#pragma once

#include <optional>

#include "actors/node.hpp"

namespace dabba {

/// `known` is the order as the store has it; nothing for one that is about to be placed.
order_actor spawn_order(caf::actor_system& system, shard_context_ptr shard, order_id id, std::optional<order> known);

}  // namespace dabba
