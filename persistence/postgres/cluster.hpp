/// Nodes, shards and the clock in PostgreSQL.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"

namespace dabba::postgres {

/// All settings and the database are those of `options`; a second connection, for the lock, has a name of its own
/// (connection_names.hpp).
class cluster final : public cluster_store {
 public:
  cluster(connect_options options, session::reporter report);

  result_of<void> ensure_shards(std::uint16_t shard_count) override;
  result_of<std::optional<std::uint16_t>> shard_count() override;
  result_of<clock_setting> clock(std::optional<double> scale) override;

  /// Also forgets the nodes that have been dead for a day.
  result_of<void> join(const node_profile& self) override;
  result_of<bool> take_lock(node_id self) override;
  bool holds_lock() override;
  result_of<std::optional<cluster_view>> renew(node_id self, const std::set<node_id>& unreachable,
                                               std::uint64_t known_version) override;
  result_of<cluster_view> view() override;
  /// Rows that stay locked are not waited for longer than limits::lock_patience; the answer is false. Two changes must
  /// not be kept from shards by an owner that stopped in the middle of a write, take_over and force_handoff: they end
  /// its writer's connections then, and try once more.
  /// A connection lost before the answer came is no answer: the change is made again, and the answer is true, even if
  /// it was the first time that did it.
  result_of<bool> change(node_id caller, const cluster_change& what) override;
  result_of<std::optional<owned_shard>> retake(node_id node, shard_id shard) override;

  result_of<std::size_t> forget_answers(instant before) override;
  std::optional<std::string> problem() override;

 private:
  result_of<clock_setting> read_clock(deadline until);
  /// Runs the calls as one transaction, again when it failed for a while: only for what may be repeated.
  result_of<std::vector<rows>> transact(const std::vector<call>& calls, duration patience);
  /// The same, once. Reports an error, and leaves no transaction open.
  answers attempt(connection& conn, const std::vector<call>& calls, deadline until);

  connect_options options_;
  session session_;
  std::optional<connection> lock_;
  bool is_lock_missed_ = false;  ///< the last attempt found no connection
};

}  // namespace dabba::postgres
