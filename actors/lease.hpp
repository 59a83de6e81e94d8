/// Until when this node may answer for what it owns. Past it another node may own the shards, and what is in memory
/// here may be old.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>

#include "protocols/model/cluster.hpp"

namespace dabba {

/// Written by the membership actor and the lock's keeper, read by every thread.
class node_lease {
 public:
  /// Counts on while the machine sleeps, as the database's clock does.
  using time_point = std::chrono::nanoseconds;

  static time_point now() noexcept {
    timespec passed{};
    clock_gettime(CLOCK_BOOTTIME, &passed);
    return std::chrono::seconds{passed.tv_sec} + std::chrono::nanoseconds{passed.tv_nsec};
  }

  [[nodiscard]] bool is_valid() const noexcept {
    auto at = now().count();
    return at < until_.load(std::memory_order_relaxed) && at < lock_until_.load(std::memory_order_relaxed);
  }
  /// By the tables it may own shards: it is neither on its way in nor out.
  [[nodiscard]] bool is_up() const noexcept { return is_up_; }
  void set_up(bool up) noexcept { is_up_ = up; }

  /// 0 while the lock's connection is not known to be there, however long the lease lasts.
  [[nodiscard]] double left_s() const noexcept {
    if (!is_valid()) return 0;
    auto left = std::chrono::nanoseconds{until_.load(std::memory_order_relaxed)} - now();
    return std::max(0.0, std::chrono::duration<double>{left}.count());
  }
  /// The database took a renewal that was sent then.
  void renewed(time_point sent_at) noexcept {
    until_ = (sent_at + std::chrono::nanoseconds{cluster_terms::lease_kept_locally}).count();
  }
  /// The node ends: it answers nothing more.
  void suspend() noexcept { until_ = 0; }
  /// The connection that holds the node's lock was there just now.
  void lock_seen() noexcept {
    lock_until_ = (now() + std::chrono::nanoseconds{cluster_terms::lock_look_patience}).count();
  }
  /// Others may declare us dead at once.
  void lock_lost() noexcept { lock_until_ = 0; }
  /// For a node that does without a lock.
  void needs_no_lock() noexcept { lock_until_ = INT64_MAX; }
  /// For a node that nobody can take anything from.
  void keep_for_ever() noexcept {
    until_ = INT64_MAX;
    needs_no_lock();
  }

 private:
  std::atomic<std::int64_t> until_{0};
  std::atomic<std::int64_t> lock_until_{0};
  std::atomic<bool> is_up_{false};
};

}  // namespace dabba
