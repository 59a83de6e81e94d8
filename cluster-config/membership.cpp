#include "cluster-config/membership.hpp"

#include <algorithm>
#include <utility>

namespace dabba {
namespace {

using namespace cluster_terms;

std::uint64_t mix(std::uint64_t x) noexcept {  // the finaliser of SplitMix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

bool owns_anything(const cluster_view& view, node_id who) {
  return std::ranges::any_of(view.shards, [&](const shard_row& x) { return x.owner == who; });
}

bool is_fresh(const cluster_view& view, const node_row& node) {
  return node.lease_until - view.now > duration{lease - fresh_renewal};
}

std::vector<const node_row*> nodes_up(const cluster_view& view) {
  std::vector<const node_row*> up;
  for (const auto& node : view.nodes)
    if (node.state == node_state::up) up.push_back(&node);
  return up;
}

// -- Fair shares -----------------------------------------------------------------------------------------------------

struct share {
  node_id node;
  std::vector<shard_id> kept;
  std::size_t quota = 0;

  [[nodiscard]] bool has_room() const noexcept { return kept.size() < quota; }
};

std::vector<share> current_shares(const cluster_view& view) {
  std::vector<share> shares;
  for (const auto* node : nodes_up(view)) shares.push_back({node->id, {}, 0});
  for (const auto& shard : view.shards) {
    auto holder = shard.state == shard_state::handoff ? shard.target : shard.owner;
    auto found = std::ranges::find_if(shares, [&](const share& x) { return x.node == holder; });
    // A target that is gone leaves the shard where it is.
    if (found == shares.end())
      found = std::ranges::find_if(shares, [&](const share& x) { return x.node == shard.owner; });
    if (found != shares.end()) found->kept.push_back(shard.id);
  }
  return shares;
}

/// Equal to one shard; those who own most have the larger ones, so that fewer shards move.
void set_quotas(std::vector<share>& shares, std::size_t shard_count) {
  std::ranges::stable_sort(shares, [](const share& a, const share& b) { return a.kept.size() > b.kept.size(); });
  for (std::size_t i = 0; i < shares.size(); ++i)
    shares[i].quota = shard_count / shares.size() + (i < shard_count % shares.size() ? 1 : 0);
}

void give_up_excess(share& x) {
  if (x.kept.size() <= x.quota) return;
  std::ranges::sort(x.kept, [&](shard_id a, shard_id b) {
    return std::pair{affinity(a, x.node), a} > std::pair{affinity(b, x.node), b};
  });
  x.kept.resize(x.quota);
}

node_id best_with_room(std::vector<share>& shares, shard_id shard) {
  share* best = nullptr;
  for (auto& x : shares)
    if (x.has_room() && (!best || affinity(shard, x.node) > affinity(shard, best->node))) best = &x;
  best->kept.push_back(shard);
  return best->node;
}

// -- Steps -----------------------------------------------------------------------------------------------------------

/// Keeps, for each of those something is so for now, since when it is.
template <class Id>
void update_since(std::map<Id, uptime>& since, const std::vector<Id>& so_now, uptime now) {
  std::map<Id, uptime> kept;
  for (auto x : so_now) {
    auto known = since.find(x);
    kept.emplace(x, known == since.end() ? now : known->second);
  }
  since = std::move(kept);
}

template <class Id>
bool is_so_for(const std::map<Id, uptime>& since, Id x, uptime patience, uptime now) {
  auto found = since.find(x);
  return found != since.end() && now - found->second >= patience;
}

/// What was seen before a node stood still says nothing of the time in between.
void note_break(node_memory& memory, uptime now) {
  if (now - std::exchange(memory.looked_at, now) <= fresh_renewal) return;
  memory.watching_since = now;
  memory.lock_lost_at.clear();
  memory.outcast_at.clear();
}

void update_memory(const cluster_view& view, node_memory& memory, uptime now) {
  note_break(memory, now);
  std::vector<node_id> lost;
  for (const auto& node : view.nodes)
    if (node.has_lost_lock && node.id != memory.self) lost.push_back(node.id);
  std::vector<shard_id> asked;
  std::map<shard_id, std::uint64_t> drained;
  for (const auto& shard : view.shards) {
    if (shard.state != shard_state::handoff) continue;
    if (shard.target == memory.self) asked.push_back(shard.id);
    auto done = memory.drained.find(shard.id);
    if (shard.owner == memory.self && done != memory.drained.end() && done->second == shard.epoch)
      drained.insert(*done);
  }
  memory.drained = std::move(drained);
  update_since(memory.asked_at, asked, now);
  update_since(memory.lock_lost_at, lost, now);
  update_since(memory.outcast_at, outcasts(view), now);
}

/// The database has been there for the term of a lease, and so has this node: who is late has itself to blame.
bool may_judge(const node_memory& memory, uptime now) {
  return now - std::max({memory.renewing_since, memory.holding_lock_since, memory.watching_since}) >= lease;
}

/// How long a lock must have been seen lost. A newcomer gives everybody time to come back, since it does not know what
/// happened; but it may judge, because after a crash of the only node nobody else is there.
std::optional<uptime> lock_patience(const cluster_view& view, const node_memory& memory, uptime now) {
  if (may_judge(memory, now)) return reconnect_patience;
  const auto* self = find_node(view, memory.self);
  if (self && self->state == node_state::joining) return fresh_renewal;
  return std::nullopt;
}

std::optional<death> cause_of_death(const cluster_view& view, const node_row& node, const node_memory& memory,
                                    uptime now) {
  auto patience = lock_patience(view, memory, now);
  if (patience && is_so_for(memory.lock_lost_at, node.id, *patience, now)) return death::lock_lost;
  if (may_judge(memory, now) && node.lease_until < view.now) return death::lease_over;
  if (is_so_for(memory.outcast_at, node.id, report_patience, now)) return death::cut_off;
  return std::nullopt;
}

void bury_the_dead(const cluster_view& view, const node_memory& memory, uptime now, cluster_steps& steps) {
  for (const auto& node : view.nodes) {
    if (node.id == memory.self || node.state == node_state::dead) continue;
    if (auto cause = cause_of_death(view, node, memory, now))
      steps.changes.push_back(declare_dead{node.id, *cause, view.version});
    else
      steps.watch |= memory.outcast_at.contains(node.id) || (node.has_lost_lock && lock_patience(view, memory, now));
  }
  steps.must_end = is_so_for(memory.outcast_at, memory.self, report_patience, now);
  steps.watch |= memory.outcast_at.contains(memory.self);
}

/// Those that are needed to answer for their shards, and can't be reached.
bool is_connected(const cluster_view& view, const node_memory& memory) {
  return std::ranges::none_of(view.nodes, [&](const node_row& x) {
    return is_running(view, x.id) && x.id != memory.self && memory.unreachable.contains(x.id);
  });
}

/// What the node does about one shard after another.
class shard_steps {
 public:
  shard_steps(const cluster_view& view, const node_memory& memory, uptime now)
      : view_{view}, memory_{memory}, now_{now}, wanted_{fair_shares(view)}, asking_{memory.asked_at.size()} {}

  void decide() {
    for (const auto& shard : view_.shards) {
      if (shard.owner == memory_.self)
        decide_own(shard);
      else if (!shard.owner || !is_running(view_, *shard.owner))
        decide_orphan(shard);
      else
        decide_others(shard);
    }
  }

  void add_to(cluster_steps& steps) {
    auto add = [&](auto change) {
      if (!change.shards.empty()) steps.changes.emplace_back(std::move(change));
    };
    steps.watch |= is_waiting_;
    add(std::move(over_));
    add(std::move(taken_));
    add(std::move(forced_));
    add(std::move(kept_));
    add(std::move(asked_));
  }

 private:
  void decide_own(const shard_row& shard) {
    if (shard.state != shard_state::handoff) return;
    if (!shard.target || !is_up(*shard.target))
      kept_.shards.push_back({shard.id, shard.epoch});
    else if (memory_.drained.contains(shard.id))
      over_.shards.push_back({shard.id, shard.epoch});
  }

  void decide_orphan(const shard_row& shard) {
    if (wanted_[shard.id.value] != memory_.self) return;
    if (!shard.owner || is_silent(*shard.owner))
      taken_.shards.push_back({shard.id, shard.epoch});
    else
      is_waiting_ = true;
  }

  /// Who was declared dead may still run and not know it: it serves reads until its lease is over, or its lock is lost.
  [[nodiscard]] bool is_silent(node_id who) const {
    const auto* node = find_node(view_, who);
    return !node || node->lease_until < view_.now || is_so_for(memory_.lock_lost_at, who, reconnect_patience, now_);
  }

  void decide_others(const shard_row& shard) {
    if (shard.state == shard_state::handoff) {
      if (shard.target != memory_.self || !is_up(memory_.self)) return;
      if (is_so_for(memory_.asked_at, shard.id, handoff_patience, now_))
        forced_.shards.push_back({shard.id, shard.epoch});
      is_waiting_ = true;
      return;
    }
    if (wanted_[shard.id.value] != memory_.self || asking_ >= handoffs_at_once) return;
    ++asking_;
    asked_.shards.push_back({shard.id, shard.epoch});
  }

  [[nodiscard]] bool is_up(node_id who) const {
    const auto* node = find_node(view_, who);
    return node && node->state == node_state::up;
  }

  const cluster_view& view_;
  const node_memory& memory_;
  uptime now_;
  std::vector<std::optional<node_id>> wanted_;
  std::size_t asking_;
  bool is_waiting_ = false;
  take_over taken_;
  ask_handoff asked_;
  hand_over over_;
  force_handoff forced_;
  keep_shards kept_;
};

}  // namespace

std::uint64_t affinity(shard_id shard, node_id node) noexcept {
  std::uint64_t hash = mix(shard.value + 0x9e3779b97f4a7c15U);
  for (std::size_t i = 0; i < node.value.bytes.size(); i += 8) {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < 8; ++j) word = word << 8 | static_cast<std::uint64_t>(node.value.bytes[i + j]);
    hash = mix(hash ^ word);
  }
  return hash;
}

std::vector<std::optional<node_id>> fair_shares(const cluster_view& view) {
  std::vector<std::optional<node_id>> out(view.shards.size());
  auto shares = current_shares(view);
  if (shares.empty()) return out;
  set_quotas(shares, view.shards.size());
  for (auto& x : shares) {
    give_up_excess(x);
    for (auto shard : x.kept) out[shard.value] = x.node;
  }
  for (const auto& shard : view.shards)
    if (!out[shard.id.value]) out[shard.id.value] = best_with_room(shares, shard.id);
  return out;
}

std::vector<node_id> outcasts(const cluster_view& view) {
  std::vector<const node_row*> left;
  for (const auto& node : view.nodes)
    if (is_running(view, node.id) && is_fresh(view, node)) left.push_back(&node);
  auto is_broken = [](const node_row& a, const node_row& b) {
    return std::ranges::find(a.unreachable, b.id) != a.unreachable.end() ||
           std::ranges::find(b.unreachable, a.id) != b.unreachable.end();
  };
  auto broken_links = [&](const node_row* node) {
    return std::ranges::count_if(
        left, [&](const node_row* other) { return other != node && is_broken(*node, *other); });
  };
  std::vector<node_id> gone;
  while (!left.empty()) {
    auto worst = std::ranges::max_element(left, {}, [&](const node_row* x) {
      return std::tuple{broken_links(x), x->started_at.micros, x->id};
    });
    if (broken_links(*worst) == 0) break;
    gone.push_back((*worst)->id);
    left.erase(worst);
  }
  return gone;
}

cluster_steps next_steps(const cluster_view& view, node_memory& memory, uptime now) {
  cluster_steps steps;
  const auto* self = find_node(view, memory.self);
  if (!self || self->state == node_state::dead) {
    steps.must_end = true;
    return steps;
  }
  update_memory(view, memory, now);
  bury_the_dead(view, memory, now, steps);
  if (steps.must_end) return steps;
  if (self->state == node_state::joining) {
    if (is_connected(view, memory)) steps.changes.push_back(come_up{view.version});
  } else {
    shard_steps shards{view, memory, now};
    shards.decide();
    shards.add_to(steps);
  }
  // Another may be faster.
  steps.watch |= !steps.changes.empty();
  steps.may_leave = self->state == node_state::draining && !owns_anything(view, memory.self);
  return steps;
}

const node_row* find_node(const cluster_view& view, node_id who) noexcept {
  auto found = std::ranges::find(view.nodes, who, &node_row::id);
  return found == view.nodes.end() ? nullptr : &*found;
}

bool is_running(const cluster_view& view, node_id who) noexcept {
  const auto* node = find_node(view, who);
  return node && (node->state == node_state::up || node->state == node_state::draining);
}

bool is_last_up(const cluster_view& view, node_id who) noexcept {
  const auto* node = find_node(view, who);
  return node && node->state == node_state::up && std::ranges::count(view.nodes, node_state::up, &node_row::state) == 1;
}

std::size_t count_unowned(const cluster_view& view) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(view.shards, [&](const shard_row& x) { return !x.owner || !is_running(view, *x.owner); }));
}

}  // namespace dabba
