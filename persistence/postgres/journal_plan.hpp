/// What a batch of commands is in SQL: one statement per kind of row, its columns as arrays.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"

namespace dabba::postgres {

/// A command to write, and the epoch its shard has now (which is above the one it was acquired with after an unknown
/// outcome was resolved).
struct fenced_append {
  const append* what = nullptr;
  std::uint64_t epoch = 0;
};

/// The statements of one transaction, from its begin up to the last before its commit.
struct write_plan {
  std::vector<call> calls;
  std::vector<std::size_t> must_touch;  ///< how many rows each call must change; 0: not counted
  std::size_t fence = 0;                ///< which call is the fence
  std::vector<shard_id> shards;         ///< of the batch
  std::vector<std::uint64_t> backs;     ///< per command: how far its first position is before the last of its shard

  void add(call c, std::size_t count) {
    calls.push_back(std::move(c));
    must_touch.push_back(count);
  }
};

write_plan make_plan(std::span<const fenced_append> batch, node_id node);

/// Each shard that the fence held, and the position of its last event in the batch.
std::map<shard_id, std::uint64_t> held_shards(const rows& fenced);

}  // namespace dabba::postgres
