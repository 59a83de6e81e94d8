#include "actors/lock_keeper.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dabba {
namespace {

using namespace std::chrono_literals;

constexpr auto look_interval = 50ms;
constexpr int looks_between_attempts = 5;

struct lock_keeper_state {
  static inline const char* name = "dabba.lock";

  lock_keeper_state(lock_keeper_actor::pointer self, const cluster_factory& make, node_id node,
                    std::shared_ptr<node_lease> lease, membership_actor membership)
      : self{self}, store{make()}, node{node}, lease{std::move(lease)}, membership{std::move(membership)} {}

  lock_keeper_actor::behavior_type make_behavior() {
    on_tick();
    return {
        [this](tick) { on_tick(); },
        [this](stop) { self->quit(); },
    };
  }

  void on_tick() {
    if (is_held && store->holds_lock())
      lease->lock_seen();
    else
      take();
    self->delayed_send(self, look_interval, tick{});
  }

  void take() {
    if (std::exchange(is_held, false)) {
      lease->lock_lost();
      caf::anon_send(membership, lock_state{false});
    }
    if (--looks_until_attempt > 0) return;
    looks_until_attempt = looks_between_attempts;
    auto taken = store->take_lock(node);
    if (!taken || !*taken) return;
    is_held = true;
    looks_until_attempt = 0;  // when it is lost, at once
    lease->lock_seen();
    caf::anon_send(membership, lock_state{true});
  }

  lock_keeper_actor::pointer self;
  std::unique_ptr<cluster_store> store;
  node_id node;
  std::shared_ptr<node_lease> lease;
  membership_actor membership;
  bool is_held = false;
  int looks_until_attempt = 0;
};

}  // namespace

lock_keeper_actor spawn_lock_keeper(caf::actor_system& system, cluster_factory make, node_id self,
                                    std::shared_ptr<node_lease> lease, membership_actor membership) {
  return system.spawn<lock_keeper_actor::stateful_impl<lock_keeper_state>, caf::detached>(
      std::move(make), self, std::move(lease), std::move(membership));
}

}  // namespace dabba
