/// Watches a schedule from outside and knows more than any node: the owners of every epoch, what was committed and
/// acknowledged, and who was at fault. It keeps books of its own and trusts neither the tables nor the nodes.
#pragma once

#include <map>
#include <stdexcept>

#include "tests/cluster-config/simulated_database.hpp"

namespace dabba::simulation {

/// A promise was broken; the text says which.
struct broken_promise : std::runtime_error {
  using runtime_error::runtime_error;
};

class ownership_checker {
 public:
  explicit ownership_checker(std::uint16_t shard_count) : shards_(shard_count) {}

  /// One owner per shard and epoch, epochs that never fall, few handoffs at a time.
  void tables_changed(const simulated_database& database);
  /// A committed write is its owner's, of the present epoch.
  void committed(node_id writer, const shard_claim& claim);
  /// The one who asked was told that the write is done.
  void acknowledged(const shard_claim& claim);
  /// Nobody reads state older than what was acknowledged. Called for all who would answer a read just now.
  void serves_read(node_id reader, const shard_claim& claim) const;
  /// Only who was at fault is declared dead.
  static void declared_dead(node_id who, death cause, bool was_at_fault);

  /// How often the shard has changed its owner.
  [[nodiscard]] std::size_t moves(shard_id shard) const { return shards_.at(shard.value).moves; }

 private:
  struct shard_books {
    std::map<std::uint64_t, node_id> owners;  ///< by epoch
    std::uint64_t committed_epoch = 0;
    std::uint64_t acknowledged_epoch = 0;
    std::size_t moves = 0;
  };

  void check(const shard_row& row);

  std::vector<shard_books> shards_;
};

}  // namespace dabba::simulation
