/// The region actor: a node's way to every entity, on this node or another.
#pragma once

#include "actors/cluster_messages.hpp"
#include "actors/node.hpp"

namespace dabba {

struct region_options {
  bool ticks = true;      ///< false where a test sends the ticks
  dialer_actor dialer{};  ///< without it a region has no links
};

/// Does nothing before its first `view_changed`.
local_region_actor spawn_region(caf::actor_system& system, std::shared_ptr<const node_context> node,
                                region_options options);

}  // namespace dabba
