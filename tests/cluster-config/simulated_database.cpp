#include "tests/cluster-config/simulated_database.hpp"

namespace dabba::simulation {
namespace {

void give(shard_row& shard, node_id owner) {
  shard.owner = owner;
  ++shard.epoch;
  shard.state = shard_state::owned;
  shard.target.reset();
}

}  // namespace

simulated_database::simulated_database(const virtual_time& time, std::uint16_t shard_count, death_watch on_death)
    : time_{time}, on_death_{std::move(on_death)} {
  for (std::uint16_t i = 0; i < shard_count; ++i) shards_.push_back({.id = {i}, .owner = {}, .target = {}});
}

instant simulated_database::now() const { return instant{1'772'362'800'000'000} + time_.now(); }

simulated_database::entry* simulated_database::find(node_id who) {
  auto found = std::ranges::find_if(nodes_, [&](const entry& x) { return x.row.id == who; });
  return found == nodes_.end() ? nullptr : &*found;
}

std::optional<node_state> simulated_database::state_of(node_id who) const {
  auto found = std::ranges::find_if(nodes_, [&](const entry& x) { return x.row.id == who; });
  return found == nodes_.end() ? std::nullopt : std::optional{found->row.state};
}

bool simulated_database::is_alive(node_id who) const {
  auto state = state_of(who);
  return state && state != node_state::dead;
}

bool simulated_database::is_running(std::optional<node_id> who) const {
  return who && (is_in(*who, node_state::up) || is_in(*who, node_state::draining));
}

bool simulated_database::has_lost_lock(const entry& x) const { return x.lock_era == era_ && !x.has_lock; }

bool simulated_database::owns_anything(node_id who) const {
  return std::ranges::any_of(shards_, [&](const shard_row& x) { return x.owner == who; });
}

// -- Nodes -----------------------------------------------------------------------------------------------------------

void simulated_database::join(const node_profile& self) {
  if (find(self.id)) return;
  entry added{.row = {}, .lock_era = {}};
  static_cast<node_profile&>(added.row) = self;
  added.row.started_at = now();
  added.row.lease_until = now() + cluster_terms::lease;
  auto place = std::ranges::upper_bound(nodes_, self.id, {}, [](const entry& x) { return x.row.id; });
  nodes_.insert(place, std::move(added));
  ++version_;
}

bool simulated_database::take_lock(node_id self) {
  auto* node = find(self);
  if (!node || node->has_lock) return false;
  node->has_lock = true;
  node->lock_era = era_;
  return true;
}

std::optional<cluster_view> simulated_database::renew(node_id self, const std::set<node_id>& unreachable,
                                                      std::uint64_t known_version) {
  if (!is_alive(self)) return std::nullopt;
  auto& own = *find(self);
  own.row.lease_until = now() + cluster_terms::lease;
  own.row.unreachable.assign(unreachable.begin(), unreachable.end());
  cluster_view view{.version = version_, .now = now(), .nodes = {}, .shards = {}};
  for (const auto& node : nodes_) {
    if (node.row.state == node_state::dead && !owns_anything(node.row.id)) continue;
    view.nodes.push_back(node.row);
    view.nodes.back().has_lost_lock = has_lost_lock(node);
  }
  if (version_ != known_version) view.shards = shards_;
  return view;
}

void simulated_database::end_lock(node_id who) {
  if (auto* node = find(who)) node->has_lock = false;
}

void simulated_database::end_all_locks(bool is_new_era) {
  for (auto& node : nodes_) node.has_lock = false;
  if (is_new_era) ++era_;
}

// -- Changes ---------------------------------------------------------------------------------------------------------

bool simulated_database::change(node_id caller, const cluster_change& what) {
  if (!is_alive(caller)) return false;
  bool is_made = std::visit([&](const auto& x) { return make(caller, x); }, what);
  if (is_made) ++version_;
  return is_made;
}

bool simulated_database::make(node_id caller, const come_up& x) {
  if (x.version != version_ || !is_in(caller, node_state::joining)) return false;
  find(caller)->row.state = node_state::up;
  return true;
}

bool simulated_database::make(node_id, const start_draining& x) {
  if (!is_in(x.who, node_state::up) && !is_in(x.who, node_state::joining)) return false;
  find(x.who)->row.state = node_state::draining;
  return true;
}

bool simulated_database::make(node_id caller, const leave&) {
  if (owns_anything(caller)) return false;
  find(caller)->row.state = node_state::dead;
  return true;
}

bool simulated_database::make(node_id caller, const declare_dead& x) {
  if (x.version != version_ || x.who == caller || !is_alive(x.who)) return false;
  auto& node = *find(x.who);
  if (x.cause == death::lock_lost && !has_lost_lock(node)) return false;
  if (x.cause == death::lease_over && node.row.lease_until >= now()) return false;
  node.row.state = node_state::dead;
  on_death_(x.who, x.cause);
  return true;
}

bool simulated_database::for_claims(const std::vector<shard_claim>& claims,
                                    const std::function<bool(shard_row&)>& change) {
  bool is_changed = false;
  for (const auto& claim : claims) {
    auto& shard = shards_.at(claim.id.value);
    if (shard.epoch == claim.epoch && change(shard)) is_changed = true;
  }
  return is_changed;
}

bool simulated_database::make(node_id caller, const take_over& x) {
  return is_in(caller, node_state::up) && for_claims(x.shards, [&](shard_row& shard) {
           if (shard.owner && is_alive(*shard.owner)) return false;
           give(shard, caller);
           return true;
         });
}

bool simulated_database::make(node_id caller, const ask_handoff& x) {
  return is_in(caller, node_state::up) && for_claims(x.shards, [&](shard_row& shard) {
           if (shard.state != shard_state::owned || shard.owner == caller || !is_running(shard.owner)) return false;
           shard.state = shard_state::handoff;
           shard.target = caller;
           return true;
         });
}

bool simulated_database::make(node_id caller, const hand_over& x) {
  return for_claims(x.shards, [&](shard_row& shard) {
    if (shard.state != shard_state::handoff || shard.owner != caller || !is_in(*shard.target, node_state::up))
      return false;
    give(shard, *shard.target);
    return true;
  });
}

bool simulated_database::make(node_id caller, const force_handoff& x) {
  return is_in(caller, node_state::up) && for_claims(x.shards, [&](shard_row& shard) {
           if (shard.state != shard_state::handoff || shard.target != caller) return false;
           give(shard, caller);
           return true;
         });
}

bool simulated_database::make(node_id caller, const keep_shards& x) {
  return for_claims(x.shards, [&](shard_row& shard) {
    if (shard.state != shard_state::handoff || shard.owner != caller || is_in(*shard.target, node_state::up))
      return false;
    shard.state = shard_state::owned;
    shard.target.reset();
    ++shard.epoch;
    return true;
  });
}

std::optional<owned_shard> simulated_database::retake(node_id node, shard_id id) {
  auto& shard = shards_.at(id.value);
  if (!is_alive(node) || shard.owner != node || shard.state != shard_state::owned) return std::nullopt;
  ++shard.epoch;
  ++version_;
  return owned_shard{id, shard.epoch};
}

bool simulated_database::commit(node_id writer, const shard_claim& shard) const {
  const auto& row = shards_.at(shard.id.value);
  return row.owner == writer && row.epoch == shard.epoch;
}

}  // namespace dabba::simulation
