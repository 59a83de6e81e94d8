/// A node of a simulated cluster: membership and region in one, without threads. It calls the database one call at a
/// time, follows what it reads, and reads and writes the shards it believes it serves.
#pragma once

#include <deque>

#include "cluster-config/membership.hpp"
#include "tests/cluster-config/virtual_time.hpp"

namespace dabba::simulation {

class simulator;

class simulated_node {
 public:
  simulated_node(simulator& world, node_id id, std::size_t machine, std::uint16_t shard_count);
  simulated_node(const simulated_node&) = delete;
  simulated_node& operator=(const simulated_node&) = delete;

  void start();

  // -- From outside --------------------------------------------------------------------------------------------------

  /// Does something in the node: when it goes on, if it stands still; never, if it has ended.
  void run(std::function<void()> what);
  void drain() { is_leaving_ = true; }
  void pause();
  void resume();
  /// The process ends without a word.
  void end() noexcept { has_ended_ = true; }
  /// The connection that holds its lock has ended; the node finds out when it looks next.
  void lock_connection_ended();

  [[nodiscard]] node_id id() const noexcept { return id_; }
  [[nodiscard]] std::size_t machine() const noexcept { return machine_; }
  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
  [[nodiscard]] bool is_paused() const noexcept { return is_paused_; }
  [[nodiscard]] bool is_leaving() const noexcept { return is_leaving_; }
  /// It answers others.
  [[nodiscard]] bool is_awake() const noexcept { return !has_ended_ && !is_paused_; }
  /// It would answer reads just now.
  [[nodiscard]] bool answers_reads() const;
  /// With which epoch it serves the shard; nothing when it does not.
  [[nodiscard]] std::optional<std::uint64_t> serves(shard_id shard) const;

 private:
  // -- Membership ----------------------------------------------------------------------------------------------------

  void go_on();
  void wake_at(moment when);
  void join();
  void take_lock();
  void give_up_lock();
  void look_at_lock();
  void renew();
  void renewed(moment sent_at, const std::optional<std::optional<cluster_view>>& answer);
  void take_view(const cluster_view& view);
  void decide();
  void send_next_change();
  void check_is_drained(const cluster_change& what) const;
  void changed(bool is_leave, std::optional<bool> answer);
  void retake(shard_id shard);
  void ping();
  void note_unreachable();
  /// By its own monotonic clock, which has nothing to do with those of others.
  [[nodiscard]] uptime clock() const;
  [[nodiscard]] moment on_own_tick(moment when) const;

  // -- The region ----------------------------------------------------------------------------------------------------

  enum class phase : std::uint8_t { stopped, loading, serving, draining };
  struct place {
    phase now = phase::stopped;
    std::uint64_t epoch = 0;
    std::uint64_t given_up = 0;  ///< the epoch of a write whose outcome it could not learn
    std::uint64_t starts = 0;
  };

  void follow(const shard_row& row);
  void let_go(const shard_row& row);
  void load(shard_id shard, std::uint64_t epoch);
  void finish(shard_id shard);
  void write(shard_id shard);
  void write_somewhere();

  simulator& world_;
  node_id id_;
  std::size_t machine_;
  moment tick_phase_{};
  uptime clock_offset_{};

  bool has_ended_ = false;
  bool is_paused_ = false;
  std::deque<std::function<void()>> put_off_;  ///< while it stood still

  bool is_busy_ = false;  ///< a call is under way
  bool has_joined_ = false;
  bool is_leaving_ = false;
  bool wants_decision_ = false;
  std::uint64_t wakes_ = 0;
  moment renew_at_{};
  std::deque<cluster_change> changes_;
  bool has_changed_ = false;

  bool has_lock_ = false;
  bool is_lock_closed_ = false;  ///< the socket says so
  std::uint64_t lock_attempts_ = 0;
  std::uint64_t locked_by_ = 0;  ///< the attempt that took the lock the database knows of
  moment lock_retry_at_{};
  bool is_lock_known_ = false;  ///< a renewal that was sent while it held this lock was answered
  moment looks_again_at_{};     ///< after it stood still, it looks at its lock before it answers anybody
  moment lease_until_{};

  cluster_view view_;
  node_memory memory_{.self = {}, .renewing_since = uptime::max(), .unreachable = {}, .drained = {}};
  std::map<node_id, moment> heard_;  ///< when a peer answered last; of one that never did, when it was first known
  std::set<node_id> met_;            ///< peers that have answered
  std::set<node_id> reported_;       ///< peers that did not answer for too long

  std::vector<place> places_;
  std::set<shard_id> to_retake_;
};

}  // namespace dabba::simulation
