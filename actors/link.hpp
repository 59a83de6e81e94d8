/// The link actor: one end of the connection between this node and another. It dials, finds out whether the connection
/// works both ways, gathers what the region has for the other node into parcels, and gives back what was not taken.
#pragma once

#include "actors/cluster_messages.hpp"
#include "actors/node.hpp"

namespace dabba {

struct link_options {
  node_id peer;
  /// Of each two nodes the one that started later dials: one connection, whoever comes first.
  bool dials = false;
  dial address;
};

/// What a link tells others.
struct link_audience {
  local_region_actor region;
  membership_actor membership;  ///< may be null, in tests
  dialer_actor dialer;
};

local_link_actor spawn_link(caf::actor_system& system, std::shared_ptr<const node_context> node, link_audience audience,
                            link_options options);

}  // namespace dabba
