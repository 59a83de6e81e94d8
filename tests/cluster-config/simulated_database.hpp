/// The cluster's tables as PostgreSQL keeps them (persistence/store.hpp, class cluster_store): what a call does at the
/// instant it takes effect. Delays, lost calls and lost answers are the simulator's.
#pragma once

#include "persistence/store.hpp"
#include "tests/cluster-config/virtual_time.hpp"

namespace dabba::simulation {

class simulated_database {
 public:
  /// Called when a node was declared dead.
  using death_watch = std::function<void(node_id who, death cause)>;

  simulated_database(const virtual_time& time, std::uint16_t shard_count, death_watch on_death);

  // -- As cluster_store ----------------------------------------------------------------------------------------------

  void join(const node_profile& self);
  bool take_lock(node_id self);
  std::optional<cluster_view> renew(node_id self, const std::set<node_id>& unreachable, std::uint64_t known_version);
  bool change(node_id caller, const cluster_change& what);
  std::optional<owned_shard> retake(node_id node, shard_id shard);

  // -- The journal's fence -------------------------------------------------------------------------------------------

  /// True when the write is committed: only for the owner, with the epoch it acquired the shard with.
  [[nodiscard]] bool commit(node_id writer, const shard_claim& shard) const;

  // -- Faults --------------------------------------------------------------------------------------------------------

  /// The connection that held the node's lock ended.
  void end_lock(node_id who);
  /// All connections end. When it starts anew, or recovers from the crash of one of its processes, locks from before
  /// say nothing any more; when something in between ended them, it does not know.
  void end_all_locks(bool is_new_era);

  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  [[nodiscard]] const std::vector<shard_row>& shards() const noexcept { return shards_; }
  /// Nothing for a node that is not there.
  [[nodiscard]] std::optional<node_state> state_of(node_id who) const;

 private:
  struct entry {
    node_row row;
    bool has_lock = false;
    std::optional<std::uint64_t> lock_era;  ///< of the lock it took last
  };

  [[nodiscard]] instant now() const;
  [[nodiscard]] entry* find(node_id who);
  [[nodiscard]] bool is_in(node_id who, node_state state) const { return state_of(who) == state; }
  [[nodiscard]] bool is_alive(node_id who) const;
  [[nodiscard]] bool is_running(std::optional<node_id> who) const;
  [[nodiscard]] bool has_lost_lock(const entry& x) const;
  [[nodiscard]] bool owns_anything(node_id who) const;
  /// For each claim that the tables still agree with; true when one of them was changed.
  bool for_claims(const std::vector<shard_claim>& claims, const std::function<bool(shard_row&)>& change);

  bool make(node_id caller, const come_up& x);
  bool make(node_id caller, const start_draining& x);
  bool make(node_id caller, const leave& x);
  bool make(node_id caller, const declare_dead& x);
  bool make(node_id caller, const take_over& x);
  bool make(node_id caller, const ask_handoff& x);
  bool make(node_id caller, const hand_over& x);
  bool make(node_id caller, const force_handoff& x);
  bool make(node_id caller, const keep_shards& x);

  const virtual_time& time_;
  death_watch on_death_;
  std::uint64_t version_ = 1;
  std::uint64_t era_ = 1;
  std::vector<entry> nodes_;  ///< by id
  std::vector<shard_row> shards_;
};

}  // namespace dabba::simulation
