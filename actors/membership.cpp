#include "actors/membership.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/change_log.hpp"
#include "actors/cluster_metrics.hpp"
#include "actors/lock_keeper.hpp"
#include "cluster-config/membership.hpp"

namespace dabba {
namespace {

using namespace std::chrono_literals;
using namespace cluster_terms;

constexpr auto tick_interval = 500ms;
/// Shards that are drained about the same time are handed over together.
constexpr auto gathering_time = 20ms;
constexpr auto timer_slack = 1ms;
/// PostgreSQL frees the lock of a killed process in some milliseconds. It is looked for then, and again and again for
/// some time.
constexpr auto lock_release_time = 50ms;
constexpr auto lock_release_patience = 1s;
constexpr auto say_interval = 5s;
constexpr auto retry_interval = 250ms;  // after the database did not answer
/// Of changes and looks in a row; then others get their turn.
constexpr int steps_in_a_row = 20;

uptime now() { return std::chrono::duration_cast<uptime>(node_lease::now()); }

struct membership_state {
  static inline const char* name = "dabba.membership";

  membership_state(membership_actor::pointer self, cluster_factory factory, local_region_actor region,
                   membership_options options)
      : self{self},
        make{std::move(factory)},
        store{make()},
        region{std::move(region)},
        options{std::move(options)},
        counted{self->system().metrics()} {
    memory.self = this->options.self.id;
    memory.renewing_since = uptime::max();
    memory.holding_lock_since = this->options.takes_lock ? uptime::max() : uptime{};
  }

  membership_actor::behavior_type make_behavior() {
    on_tick();
    return {
        [this](link_state x) { on_link(x); },
        [this](newer_view x) {
          if (x.version > view.version) look_after({});
        },
        [this](drained x) {
          memory.drained[x.shard] = x.epoch;
          look_after(gathering_time);
        },
        [this](lock_state x) { on_lock(x); },
        [this](start_leaving) { leave_soon(); },
        [this](flush) { look_if_due(); },
        [this](tick) { on_tick(); },
        [this](stop) { end(); },
    };
  }

  // -- Time ----------------------------------------------------------------------------------------------------------

  void on_tick() {
    if (has_left) return;
    self->delayed_send(self, tick_interval, tick{});
    counted.lease->value(options.our_lease->left_s());
    say_if_alone();
    changes_made.say();
    if (now() >= look_at || unreachable_for_long() != told_unreachable) go_on();
  }

  void go_on() {
    look_due_at = uptime::max();
    if (has_left || (!has_joined && !join())) return;
    look();
    if (look_at < now() + tick_interval) look_after(std::max(look_at - now(), uptime{}));
  }

  /// Sooner or later than planned, whichever comes first; at once means behind whatever is in the mailbox by now.
  void look_after(uptime time) {
    auto at = now() + time;
    if (at >= look_due_at) return;
    look_due_at = at;
    if (time > uptime{})
      self->delayed_send(self, time, flush{});
    else
      self->send(self, flush{});
  }

  void look_if_due() {
    if (look_due_at != uptime::max() && now() + timer_slack >= look_due_at) go_on();
  }

  /// An operator who waits for a node should not have to guess what it waits for.
  void say_if_alone() {
    const auto* own = find_node(view, memory.self);
    if (!own || own->state != node_state::joining || now() < say_at) return;
    std::string whom;
    for (auto peer : memory.unreachable)
      if (is_running(view, peer)) whom += " " + to_string(peer);
    if (!whom.empty() && say_at > uptime{}) options.report("still not connected with" + whom);
    say_at = now() + say_interval;
  }

  bool join() {
    if (now() < look_at) return false;
    auto done = store->join(options.self);
    if (!done) {
      look_at = now() + retry_interval;
      return false;
    }
    if (options.takes_lock)
      keeper.emplace(make(), options.self.id, options.our_lease, membership_actor{self});
    else
      options.our_lease->needs_no_lock();
    return has_joined = true;
  }

  void on_lock(lock_state x) {
    memory.holding_lock_since = x.is_held ? now() : uptime::max();
    look_after({});
    if (x.is_held) return;
    counted.lock_losses->inc();
    options.report("the connection that holds the node's lock was lost");
  }

  // -- The tables ----------------------------------------------------------------------------------------------------

  void look() {
    for (int i = 0; i < steps_in_a_row; ++i) {
      if (is_leaving) say_that_we_leave();
      if (!renew()) return;
      auto steps = next_steps(view, memory, now());
      tell_region();
      if (steps.must_end) return must_end("this node was cut off from the others, or declared dead");
      if (steps.may_leave || (is_leaving && !has_heirs())) return leave_now();
      if (steps.watch || has_just_lost_a_link()) look_at = std::min(look_at, now() + watch_interval);
      if (!carry_out(steps.changes)) return;
    }
    look_after({});
  }

  /// Renews the lease and reads the tables; false when that could not be done.
  bool renew() {
    auto sent_at = node_lease::now();
    told_unreachable = unreachable_for_long();
    auto renewed = store->renew(options.self.id, told_unreachable, view.shards.empty() ? 0 : view.version);
    if (!renewed) {
      // While the database is away nobody can renew; afterwards all get a full term to do so.
      memory.renewing_since = uptime::max();
      look_at = now() + retry_interval;
      return false;
    }
    counted.renewal_time->observe(std::chrono::duration<double>{node_lease::now() - sent_at}.count());
    if (!*renewed) {
      must_end("this node was declared dead");
      return false;
    }
    options.our_lease->renewed(sent_at);
    memory.renewing_since = std::min(memory.renewing_since, now());
    look_at = now() + renew_interval;
    if ((*renewed)->shards.empty()) (*renewed)->shards = std::move(view.shards);
    view = std::move(**renewed);
    note_unreachable();
    return true;
  }

  /// True when the tables are to be read anew: something has changed, or renewing the lease can't wait for the rest.
  bool carry_out(const std::vector<cluster_change>& changes) {
    bool has_changed = false;
    for (const auto& change : changes) {
      if (now() >= look_at) return true;
      auto done = store->change(options.self.id, change);
      if (done && *done) {
        has_changed = true;
        changes_made.note(change);
      }
    }
    return has_changed;
  }

  void tell_region() {
    if (view.version == told_version) return;
    told_version = view.version;
    count_view();
    const auto* own = find_node(view, memory.self);
    options.our_lease->set_up(own && own->state == node_state::up);
    caf::anon_send(region, view_changed{std::make_shared<const cluster_view>(view), membership_actor{self}});
  }

  void count_view() {
    counted.view->value(static_cast<std::int64_t>(view.version));
    for (auto state : {node_state::joining, node_state::up, node_state::draining})
      counted.nodes[dabba::name(state)].value(std::ranges::count(view.nodes, state, &node_row::state));
    counted.unowned->value(static_cast<std::int64_t>(count_unowned(view)));
  }

  // -- Other nodes ---------------------------------------------------------------------------------------------------

  [[nodiscard]] std::string describe(node_id peer) const {
    const auto* row = find_node(view, peer);
    return "node " + to_string(peer) + (row ? " at " + row->host + ":" + std::to_string(row->cluster_port) : "");
  }

  void on_link(link_state x) {
    auto& link = links[x.peer];
    if (link.is_up != x.is_up)
      options.report(describe(x.peer) + (x.is_up ? " is connected" : " is not connected any more"));
    link = {x.is_up, now()};
    note_unreachable();
    // A killed process closes its connections: its lock is about to be free.
    look_after(x.is_up ? uptime{} : lock_release_time);
  }

  void note_unreachable() {
    memory.unreachable.clear();
    for (const auto& node : view.nodes) {
      if (node.id == memory.self || node.state == node_state::dead) continue;
      auto link = links.try_emplace(node.id, peer_link{false, now()}).first->second;
      if (!link.is_up) memory.unreachable.insert(node.id);
    }
    // A newcomer may have called before it was seen in the tables.
    std::erase_if(links, [this](const auto& entry) {
      return !entry.second.is_up && !is_running(view, entry.first) && !is_joining(entry.first);
    });
  }

  [[nodiscard]] bool is_joining(node_id who) const {
    const auto* row = find_node(view, who);
    return row && row->state == node_state::joining;
  }

  /// Nodes that run, by the tables, and that could not be talked to for some time.
  [[nodiscard]] std::set<node_id> unreachable_for_long() const {
    std::set<node_id> out;
    for (const auto& [peer, link] : links)
      if (!link.is_up && is_running(view, peer) && now() - link.since >= peer_patience) out.insert(peer);
    return out;
  }

  [[nodiscard]] bool has_just_lost_a_link() const {
    return std::ranges::any_of(links, [this](const auto& entry) {
      const auto& [peer, link] = entry;
      return !link.is_up && is_running(view, peer) && now() - link.since < lock_release_patience;
    });
  }

  // -- Ends ----------------------------------------------------------------------------------------------------------

  void must_end(const std::string& why) {
    is_condemned = true;
    changes_made.say();
    options.our_lease->suspend();
    if (options.must_end) std::exchange(options.must_end, nullptr)(why);
    end();
  }

  void leave_soon() {
    if (std::exchange(is_leaving, true)) return;
    if (!has_joined || !has_heirs()) return leave_now();
    look_after({});
  }

  /// With every look, until the tables have it: the database may be away.
  void say_that_we_leave() {
    const auto* own = find_node(view, memory.self);
    if (own && own->state != node_state::draining) (void)store->change(memory.self, start_draining{memory.self});
  }

  [[nodiscard]] bool has_heirs() const {
    return std::ranges::any_of(
        view.nodes, [this](const node_row& x) { return x.id != memory.self && x.state == node_state::up; });
  }

  /// What follows is the end of the node's other actors, and then ours.
  void leave_now() {
    has_left = true;
    if (options.has_left) std::exchange(options.has_left, nullptr)();
  }

  void end() {
    changes_made.say();
    options.our_lease->suspend();
    if (has_joined && !is_condemned) (void)store->change(memory.self, leave{});
    region = nullptr;
    keeper.reset();
    self->quit();
  }

  struct peer_link {
    bool is_up = false;
    uptime since{};
  };

  membership_actor::pointer self;
  cluster_factory make;
  std::unique_ptr<cluster_store> store;
  std::optional<lock_keeper> keeper;
  local_region_actor region;
  membership_options options;
  membership_metrics counted;
  change_log changes_made{options.report, counted};
  bool has_joined = false;
  bool is_leaving = false;
  bool has_left = false;               ///< or is about to: nothing more is looked at
  bool is_condemned = false;           ///< by the others
  uptime look_at{};                    ///< at the latest
  uptime look_due_at = uptime::max();  ///< a `flush` comes then
  uptime say_at{};
  std::set<node_id> told_unreachable;
  std::uint64_t told_version = UINT64_MAX;
  cluster_view view;
  node_memory memory;
  std::map<node_id, peer_link> links;
};

}  // namespace

membership_actor spawn_membership(caf::actor_system& system, cluster_factory make, local_region_actor region,
                                  membership_options options) {
  return system.spawn<membership_actor::stateful_impl<membership_state>, caf::detached>(
      std::move(make), std::move(region), std::move(options));
}

}  // namespace dabba
