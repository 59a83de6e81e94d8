#include "actors/lock_keeper.hpp"

#include <caf/send.hpp>

namespace dabba {
namespace {

using namespace std::chrono_literals;

constexpr auto look_interval = 100ms;
constexpr int looks_between_attempts = 3;

static_assert(3 * look_interval < cluster_terms::lock_look_patience, "a look or two may come late");

}  // namespace

lock_keeper::lock_keeper(std::unique_ptr<cluster_store> store, node_id node, std::shared_ptr<node_lease> lease,
                         membership_actor membership)
    : store_{std::move(store)},
      node_{node},
      lease_{std::move(lease)},
      membership_{std::move(membership)},
      thread_{look_interval, [this] { look(); }} {}

void lock_keeper::look() {
  if (is_held_ && store_->holds_lock())
    lease_->lock_seen();
  else
    take();
}

void lock_keeper::take() {
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

}  // namespace dabba
