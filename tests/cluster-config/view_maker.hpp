/// Makes the tables of a cluster for tests of the rules.
#pragma once

#include <algorithm>

#include "cluster-config/membership.hpp"
#include "tests/protocols/samples.hpp"

namespace dabba::samples {

inline constexpr instant start_of_cluster = noon;

/// The `n`th node, which started `n` seconds after the first.
inline node_row node_up(std::uint64_t n) {
  node_row node;
  node.id = nth<node_id>(n);
  node.state = node_state::up;
  node.started_at = start_of_cluster + std::chrono::seconds{n};
  node.lease_until = start_of_cluster + std::chrono::hours{1} + cluster_terms::lease;
  return node;
}

/// Nodes 1 to `nodes`, all up and just renewed, and shards of nobody.
inline cluster_view view_of(std::uint64_t nodes, std::uint16_t shards) {
  cluster_view view{.version = 1, .now = start_of_cluster + std::chrono::hours{1}, .nodes = {}, .shards = {}};
  for (std::uint64_t n = 1; n <= nodes; ++n) view.nodes.push_back(node_up(n));
  for (std::uint16_t i = 0; i < shards; ++i) view.shards.push_back({.id = {i}, .owner = {}, .epoch = 0, .target = {}});
  return view;
}

inline node_row& row_of(cluster_view& view, std::uint64_t n) {
  return *std::ranges::find(view.nodes, nth<node_id>(n), &node_row::id);
}

inline void give(shard_row& shard, std::optional<node_id> owner) {
  shard.owner = owner;
  ++shard.epoch;
  shard.state = shard_state::owned;
  shard.target.reset();
}

/// Every shard to whom it belongs.
inline cluster_view settled(cluster_view view) {
  auto wanted = fair_shares(view);
  for (auto& shard : view.shards)
    if (shard.owner != wanted[shard.id.value]) give(shard, wanted[shard.id.value]);
  return view;
}

inline void ask(shard_row& shard, std::uint64_t n) {
  shard.state = shard_state::handoff;
  shard.target = nth<node_id>(n);
}

}  // namespace dabba::samples
