/// The cluster as operators see it: the API and `dabba cluster` show the same.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "protocols/model/cluster.hpp"

namespace dabba::http {

struct shard_counts {
  int owned = 0;
  int coming = 0;  ///< asked for, and not handed over yet
  int going = 0;   ///< asked for by another
};
std::map<node_id, shard_counts> count_shards(const cluster_view& view);
double lease_left_s(const cluster_view& view, const node_row& node);

/// Why a node is not told to drain without force; how to force it comes after.
inline constexpr std::string_view last_up_detail = "no other node is up to take this one's shards: start another first";

/// `{"view", "shards", "unowned", "nodes": [...]}`.
std::string cluster_json(const cluster_view& view);

}  // namespace dabba::http
