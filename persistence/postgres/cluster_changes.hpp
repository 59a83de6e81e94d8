/// The changes that nodes make to the cluster's tables, as calls.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "protocols/model/cluster.hpp"

namespace dabba::postgres {

/// All that change nodes' states and shards' owners lock in this order: shards by rising id, as the journal does; the
/// cluster's row; nodes. So they never wait in a circle, and from the second lock on each sees what all before it did.
inline constexpr statement lock_cluster{"lock_cluster", "select from cluster.cluster for no key update"};

struct change_plan {
  /// One transaction; it changed something if the last of them affects a row.
  std::vector<call> calls;
  /// For a change whose shards may be locked by an owner that does not move any more: ends those of its journal's
  /// connections that have held locks for `limits::lock_patience`.
  std::optional<call> end_journals;
};

change_plan plan_change(node_id caller, const cluster_change& change);

}  // namespace dabba::postgres
