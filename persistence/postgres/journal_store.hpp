/// The journal in PostgreSQL.
#pragma once

#include <map>

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"

namespace dabba::postgres {

struct resolution;

class journal_store final : public journal_writer {
 public:
  journal_store(node_id node, connect_options options, session::reporter report);

  void own(shard_id shard, std::uint64_t epoch) override;
  void disown(shard_id shard) override;
  /// Beside the errors of the port: `invalid_argument` for a command without events, or with a value that PostgreSQL
  /// does not take (text that is no UTF-8 or has a zero in it, what a check constraint forbids).
  std::vector<result_of<appended>> write(std::span<const append> batch) override;

 private:
  /// A command that has no answer yet.
  struct pending {
    const append* command;
    result_of<appended>* answer;
  };
  using group = std::vector<pending>;

  /// The epochs a shard of ours can have: one, but for the time that an attempt to raise it has no known outcome.
  struct ownership {
    std::uint64_t acquired = 0;
    std::uint64_t lowest = 0;
    std::uint64_t highest = 0;
  };

  /// Until when a write goes on.
  struct deadlines {
    deadline to_wait;   ///< for a database that is away, or can't write now
    deadline to_write;  ///< on a connection that works
  };

  void write_group(group commands, const deadlines& times);
  void refuse_unowned(group& commands) const;
  bool sort_out(group& commands, const db_error& why, int refusals, connection& conn, const deadlines& times);
  static bool pause_after(const db_error& why, const deadlines& times);
  void resolve_outcome(group& commands);
  void settle(group& commands, const resolution& found);
  void give_up(group& commands);

  node_id node_;
  session session_;
  std::map<shard_id, ownership> owned_;
};

}  // namespace dabba::postgres
