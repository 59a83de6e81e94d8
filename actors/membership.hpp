/// The membership actor: renews the node's lease, looks at the cluster's tables, makes the changes that the rules
/// (cluster-config/membership.hpp) ask of this node, and tells the region what it owns.
#pragma once

#include <functional>

#include "actors/cluster_messages.hpp"
#include "actors/lease.hpp"

namespace dabba {

struct membership_options {
  node_profile self;
  std::shared_ptr<node_lease> our_lease;
  /// False where connections are pooled: then a crash is found out by its lease alone.
  bool takes_lock = true;
  /// The node must not go on: it was declared dead, or is cut off. The process ends at once; called at most once.
  std::function<void(const std::string& why)> must_end;
  /// Everything was handed over, or nobody is there to take it.
  std::function<void()> has_left;
  /// For the log; may be called from the actor's thread only.
  std::function<void(const std::string& what)> report;
};

/// Joins the cluster; detached, because it blocks on the database.
membership_actor spawn_membership(caf::actor_system& system, cluster_factory make, local_region_actor region,
                                  membership_options options);

}  // namespace dabba
