/// Questions the journal writer asks when something went otherwise than planned: why commands were refused, and what
/// became of them when nobody knows.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"

namespace dabba::postgres {

/// What can be said about a command without writing it: its first position if the journal has it already, or why it
/// would be refused; nothing when it should go through.
using finding = std::optional<result_of<appended>>;

/// Looks at each command by itself, in the order of `commands`.
expected<std::vector<finding>> examine(connection& conn, std::span<const append* const> commands, deadline until);

/// A shard whose epoch is to be raised: by us if it is still within [lowest, highest], the epochs it can have if nobody
/// else has taken it. It becomes highest + 1.
struct epoch_raise {
  shard_id shard;
  std::uint64_t lowest = 0;
  std::uint64_t highest = 0;
};

struct resolution {
  std::vector<shard_id> still_ours;
  /// Of each command that the journal has, in the order asked.
  std::vector<std::optional<appended>> written;
};

/// Raises the epochs, which waits for every transaction that still holds the shards, and then looks the commands up:
/// what is not in the journal now never will be. Shards must come sorted.
expected<resolution> resolve(connection& conn, std::span<const epoch_raise> shards,
                             std::span<const append* const> commands, node_id node, deadline until);

}  // namespace dabba::postgres
