#include "actors/lock_keeper.hpp"

#include <caf/actor_system.hpp>
#include <caf/blocking_actor.hpp>

namespace dabba {
namespace {

using namespace std::chrono_literals;

constexpr auto look_interval = 100ms;
constexpr int looks_between_attempts = 3;

static_assert(3 * look_interval < cluster_terms::lock_look_patience, "a look or two may come late");

class lock_keeper {
 public:
  lock_keeper(std::unique_ptr<cluster_store> store, node_id node, std::shared_ptr<node_lease> lease,
              membership_actor membership)
      : store_{std::move(store)}, node_{node}, lease_{std::move(lease)}, membership_{std::move(membership)} {}

  void look() {
    if (is_held_ && store_->holds_lock())
      lease_->lock_seen();
    else
      take();
  }

 private:
  void take() {
    if (std::exchange(is_held_, false)) {
      lease_->lock_lost();
      caf::anon_send(membership_, lock_state{false});
    }
    if (--looks_until_attempt_ > 0) return;
    looks_until_attempt_ = looks_between_attempts;
    auto taken = store_->take_lock(node_);
    if (!taken || !*taken) return;
    is_held_ = true;
    looks_until_attempt_ = 0;  // when it is lost, at once
    lease_->lock_seen();
    caf::anon_send(membership_, lock_state{true});
  }

  std::unique_ptr<cluster_store> store_;
  node_id node_;
  std::shared_ptr<node_lease> lease_;
  membership_actor membership_;
  bool is_held_ = false;
  int looks_until_attempt_ = 0;
};

}  // namespace

caf::actor spawn_lock_keeper(caf::actor_system& system, cluster_factory make, node_id self,
                             std::shared_ptr<node_lease> lease, membership_actor membership) {
  return system.spawn<caf::detached>([make = std::move(make), self, lease = std::move(lease),
                                      membership = std::move(membership)](caf::blocking_actor* thread) {
    lock_keeper keeper{make(), self, lease, membership};
    for (bool goes_on = true; goes_on;) {
      keeper.look();
      thread->receive([&](stop) { goes_on = false; }, caf::after(look_interval) >> [] {});
    }
  });
}

}  // namespace dabba
