/// A platform in memory for tests of the edge: a region that answers from maps, a store to read from, and an edge in
/// front of both.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "cluster-config/membership.hpp"
#include "http-edge/edge.hpp"
#include "tests/http-edge/support/accounts.hpp"

namespace dabba::test {

using answer = tl::expected<reply, errc>;

/// A restaurant as a test sees it.
struct shop : restaurant {
  std::vector<menu_item> menu;
};

/// What the canned actors know and were told. Every member is guarded by `mutex`.
struct world {
  std::mutex mutex;
  std::condition_variable changed;

  std::map<order_id, order> orders;
  std::map<restaurant_id, restaurant_with_menu> restaurants;
  std::function<instant()> now;
  std::map<partner_id, partner> partners;
  std::vector<offer> offers;
  std::map<entity_ref, std::vector<stored_event>> journal;
  std::map<std::pair<user_id, std::string>, idempotent_answer> answers;
  std::map<entity_ref, std::set<session_actor>> subscribers;
  std::map<partner_id, session_actor> phones;
  std::vector<std::pair<entity_ref, routed>> told;
  std::vector<location> positions;
  std::map<partner_id, partner_actor> partner_actors;
  zone_list zones;
  account_rows people;
  std::optional<search_record> search;
  std::vector<promotion_change> promotions;  ///< in the order they were made, each as it was written last
  std::map<promotion_id, std::int64_t> used;
  std::set<user_id> has_ordered;
  std::size_t deal_reads = 0;
  cluster_view cluster;

  result_of<bool> drain(const start_draining& what) {
    std::lock_guard lock{mutex};
    if (is_store_away) return tl::unexpected{errc::unavailable};
    if (!what.even_the_last && is_last_up(cluster, what.who)) return false;
    for (auto& node : cluster.nodes)
      if (node.id == what.who && (node.state == node_state::joining || node.state == node_state::up)) {
        node.state = node_state::draining;
        return true;
      }
    return false;
  }
  std::uint64_t position = 0;

  /// Asked before anything else when set, without the lock; nothing: answer as usual.
  std::function<std::optional<answer>(const entity_ref&, const routed&)> before;
  /// Questions are left unanswered: kept here.
  bool is_silent = false;
  std::vector<caf::typed_response_promise<reply>> unanswered;
  bool is_store_away = false;
};

/// Waits until `condition` holds, looking again whenever the world changes; false after a few seconds.
bool wait_until(world& of, const std::function<bool()>& condition);

/// Ends the sessions that follow it, with the reason CAF ends an actor for when one of its handlers has thrown.
void fail_subscribers(world& of, const entity_ref& topic);

class movable_clock final : public clock {
 public:
  explicit movable_clock(instant from) : micros_{from.micros} {}
  [[nodiscard]] instant now() const noexcept override { return {micros_.load()}; }
  [[nodiscard]] double scale() const noexcept override { return 1; }
  void advance(duration by) noexcept { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_;
};

class platform {
 public:
  /// Passwords cost next to nothing here. Most tests give tokens to staff and partners who have no account.
  explicit platform(edge_options options = {}, bool trusts_unknown_callers = true);
  ~platform();

  [[nodiscard]] std::uint16_t port() const { return front_->port(); }
  edge& front() { return *front_; }
  /// What the edge in front was given.
  const edge_services& services() { return *services_; }
  caf::actor_system& system() { return *system_; }
  test::world& world() { return *world_; }
  const token_keys& keys() { return *keys_; }

  std::string token(user_role role, uuid who, std::chrono::seconds lifetime = std::chrono::seconds{600});
  /// A restaurant that is open and sells two items, of a new owner.
  shop add_restaurant();
  /// The platform's time goes on.
  void advance(duration by);
  order add_order(user_id customer, const restaurant& of);
  /// Writes an event of an order to the journal and, unless told not to, publishes it to subscribers.
  void happen(order_id which, order_event what, bool is_published = true);
  /// Ends the partner's actor, as when its shard moves.
  void end_partner(partner_id who);

 private:
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<test::world> world_;
  std::shared_ptr<token_keys> keys_;
  movable_clock clock_;
  scaled_clock wall_{real_now(), 1};
  region_actor region_;
  std::unique_ptr<edge_services> services_;
  std::unique_ptr<edge> front_;
};

}  // namespace dabba::test
