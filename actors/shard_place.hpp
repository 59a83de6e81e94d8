/// What a region knows of a shard: its row in the tables, and its actor when it is on this node.
#pragma once

#include <optional>

#include "actors/cluster_messages.hpp"

namespace dabba {

struct shard_place {
  std::optional<node_id> owner;
  std::uint64_t epoch = 0;
  shard_state state = shard_state::owned;
  shard_actor here;              ///< null: not on this node, or not any more
  std::uint64_t here_since = 0;  ///< the epoch `here` was started with
  bool is_closing = false;       ///< `here` finishes its writes and takes nothing more
  bool is_lost = false;          ///< ours by the tables, but given up by its journal: to be taken again
  instant ticks_from;            ///< `here` has nothing to do before
  bool has_moved = false;        ///< its owner said that it is not: a newer view will tell

  /// Null when it is not served on this node.
  [[nodiscard]] const shard_actor& served() const noexcept {
    static const shard_actor nowhere;
    return is_closing ? nowhere : here;
  }
  [[nodiscard]] local_route route(node_id self) const {
    return {served(), owner == self && state == shard_state::owned};
  }
};

}  // namespace dabba
