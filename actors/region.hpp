/// The region actor: a node's way to every entity.
#pragma once

#include "actors/node.hpp"

namespace dabba {

struct region_options {
  std::vector<owned_shard> shards;  ///< all of them: one node owns the cluster
  bool ticks = true;                ///< false where a test sends the ticks
};

region_actor spawn_region(caf::actor_system& system, std::shared_ptr<const node_context> node, region_options options);

}  // namespace dabba
