/// Holds the node's advisory lock, on a thread of its own, because the node must fall silent as soon as the lock's
/// connection is gone, whatever else waits for the database.
#pragma once

#include "actors/cluster_messages.hpp"
#include "actors/lease.hpp"
#include "actors/periodic_thread.hpp"

namespace dabba {

class lock_keeper {
 public:
  /// Takes the lock of `node`, which has joined, again whenever it is lost, and tells `membership`.
  lock_keeper(std::unique_ptr<cluster_store> store, node_id node, std::shared_ptr<node_lease> lease,
              membership_actor membership);

 private:
  void look();
  void take();

  std::unique_ptr<cluster_store> store_;
  node_id node_;
  std::shared_ptr<node_lease> lease_;
  membership_actor membership_;
  bool is_held_ = false;
  int looks_until_attempt_ = 0;
  periodic_thread thread_;
};

}  // namespace dabba
