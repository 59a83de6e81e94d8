/// A node that owns every shard and that nobody takes anything from: for tests and benchmarks of what happens on one.
#pragma once

#include "actors/cluster_messages.hpp"
#include "actors/lease.hpp"

namespace dabba {

inline std::shared_ptr<const node_lease> endless_lease() {
  auto out = std::make_shared<node_lease>();
  out->keep_for_ever();
  return out;
}

/// What its membership would tell its region. `shards` are all there are, by id.
inline view_changed lone_view(node_id self, const std::vector<owned_shard>& shards) {
  auto view = std::make_shared<cluster_view>();
  view->version = 1;
  node_row row;
  row.id = self;
  row.state = node_state::up;
  view->nodes.push_back(row);
  for (const auto& owned : shards) view->shards.push_back({owned.id, self, owned.epoch, shard_state::owned, {}});
  return {std::move(view), {}};
}

}  // namespace dabba
