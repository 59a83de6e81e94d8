/// The actor that holds the node's advisory lock: on a thread of its own, because the node must fall silent as soon as
/// the lock's connection is gone, whatever else waits for the database.
#pragma once

#include "actors/cluster_messages.hpp"
#include "actors/lease.hpp"

namespace dabba {

/// Takes the lock of `self`, which has joined, again whenever it is lost, and tells `membership`. Detached; ends with
/// `stop`.
caf::actor spawn_lock_keeper(caf::actor_system& system, cluster_factory make, node_id self,
                             std::shared_ptr<node_lease> lease, membership_actor membership);

}  // namespace dabba
