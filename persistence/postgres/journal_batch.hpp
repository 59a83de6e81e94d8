/// One transaction of the journal: a group of commands, written whole or not at all.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "persistence/postgres/journal_plan.hpp"

namespace dabba::postgres {

/// The fence found these shards in other hands.
struct lost_shards {
  std::vector<shard_id> ids;
};
/// Nothing is wrong with the database, but with a command: a constraint or a version did not hold, or it met a rule of
/// the database that nobody here knows.
struct command_refused {
  db_error why;
};
/// Certainly not written, for a reason that passes (db_error::is_transient); try again when the database is better.
struct not_written {
  db_error why;
};
/// COMMIT was sent and not answered.
struct outcome_open {
  db_error why;
};
/// The first position of each command, in the order of the batch.
struct all_written {
  std::vector<std::uint64_t> first_positions;
};
using batch_outcome = std::variant<all_written, lost_shards, command_refused, not_written, outcome_open>;

/// Writes all commands or none. No entity may occur twice, nor a begin and another change of the same assignment: the
/// statements go by kind of row and not by command. Leaves no transaction open.
batch_outcome write_batch(connection& conn, std::span<const fenced_append> batch, node_id node, deadline until);

}  // namespace dabba::postgres
