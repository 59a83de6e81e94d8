/// The shard actor: starts the entities of one owned shard, routes to them, and keeps their timers.
#pragma once

#include "actors/cluster_messages.hpp"
#include "actors/node.hpp"

namespace dabba {

/// Loads the shard's open entities first; what arrives meanwhile waits.
shard_actor spawn_shard(caf::actor_system& system, std::shared_ptr<const node_context> node, local_region_actor region,
                        owned_shard which);

}  // namespace dabba
