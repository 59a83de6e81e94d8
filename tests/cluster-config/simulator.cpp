#include "tests/cluster-config/simulator.hpp"

#include <fmt/format.h>

#include "protocols/model/limits.hpp"

namespace dabba::simulation {
namespace {

constexpr const char* change_names[] = {"come up",     "start draining", "leave",         "declare dead", "take over",
                                        "ask handoff", "hand over",      "force handoff", "keep shards"};
static_assert(std::size(change_names) == std::variant_size_v<cluster_change>);

std::int64_t size_of(const cluster_change& change) {
  return std::visit(
      [](const auto& x) -> std::int64_t {
        if constexpr (requires { x.shards; }) return static_cast<std::int64_t>(x.shards.size());
        return 0;
      },
      change);
}

}  // namespace

simulator::simulator(std::uint64_t seed, std::uint16_t shard_count)
    : random{seed},
      database{time, shard_count, [this](node_id who, death cause) { on_death(who, cause); }},
      checker{shard_count} {}

// -- Time ------------------------------------------------------------------------------------------------------------

bool simulator::step(moment until) {
  bool has_stepped = time.step(until);
  check_reads();
  return has_stepped;
}

void simulator::run_until(moment when) {
  while (step(when)) {
  }
}

void simulator::check_reads() const {
  auto count = static_cast<std::uint16_t>(database.shards().size());
  for (const auto& machine : machines_) {
    if (!machine.node || !machine.node->answers_reads()) continue;
    for (std::uint16_t i = 0; i < count; ++i)
      if (auto epoch = machine.node->serves({i})) checker.serves_read(machine.node->id(), {{i}, *epoch});
  }
}

void simulator::on_death(node_id who, death cause) {
  auto* node = find(who);
  const auto& machine = machines_[node->machine()];
  bool stands_still = node->is_paused() && !do_all_stand_still_;
  bool was_at_fault = node->has_ended() || stands_still || machine.faults > 0 || time.now() < machine.blamed_until;
  note(*node, name(cause).data());
  ownership_checker::declared_dead(who, cause, was_at_fault);
}

// -- Calls -----------------------------------------------------------------------------------------------------------

moment simulator::delay() { return random.chance(10) ? random.between(3ms, 200ms) : random.between(200us, 3ms); }

bool simulator::is_reachable(const simulated_node& from) const {
  return is_database_up_ && machines_[from.machine()].cuts_from_database == 0;
}

void simulator::take_effect(const std::function<void()>& effect) {
  effect();
  if (std::exchange(checked_version_, database.version()) != database.version()) checker.tables_changed(database);
}

void simulator::call(simulated_node& from, std::function<void()> effect, std::function<void(bool)> answered) {
  enum class fate { done, not_sent, answer_lost, late };
  auto what = fate::done;
  if (random.chance(failing_calls_)) {
    what = std::array{fate::not_sent, fate::answer_lost, fate::answer_lost, fate::late}[random.below(4)];
    // Who is unlucky again and again may miss its lease.
    auto& machine = machines_[from.machine()];
    if (time.now() - std::exchange(machine.last_failed_call, time.now()) < cluster_terms::lease)
      blame_for_a_while(from.machine());
  }
  bool is_quick = what != fate::late && random.chance(700);
  auto fails_at = time.now() + (is_quick ? random.between(2ms, 50ms) : moment{limits::store_patience});
  auto connections = connections_;
  auto fail = [this, &from, answered, fails_at] {
    time.at(fails_at, [&from, answered] { from.run([answered] { answered(false); }); });
  };
  time.after(delay(), [=, this, &from, effect = std::move(effect)] {
    if (what == fate::not_sent || !is_reachable(from)) return fail();
    if (what == fate::late) {
      auto late = limits::store_patience + random.between(0ms, limits::lock_patience);
      time.after(late, [this, effect, connections] {
        if (connections == connections_) take_effect(effect);
      });
      return fail();
    }
    take_effect(effect);
    time.after(delay(), [=, this, &from] {
      if (what == fate::answer_lost || !is_reachable(from) || connections != connections_) return fail();
      from.run([answered] { answered(true); });
    });
  });
}

void simulator::write(simulated_node& from, const shard_claim& claim, std::function<void(bool)> then) {
  auto is_given_up = std::make_shared<bool>(false);
  auto commit = [this, &from, claim, is_given_up] {
    bool is_committed = database.commit(from.id(), claim);
    if (is_committed) checker.committed(from.id(), claim);
    if (is_committed && *is_given_up && from.serves(claim.id) == claim.epoch)
      throw broken_promise{"a write takes place that the shard's actors do not know of"};
    return is_committed;
  };
  ask(from, commit, [this, claim, is_given_up, then = std::move(then)](std::optional<bool> answer) {
    if (answer == true) checker.acknowledged(claim);
    *is_given_up = !answer;
    then(answer.has_value());
  });
}

// -- Machines --------------------------------------------------------------------------------------------------------

simulated_node* simulator::find(node_id who) const {
  auto found = std::ranges::find_if(nodes_, [&](const auto& x) { return x->id() == who; });
  return found == nodes_.end() ? nullptr : found->get();
}

std::size_t simulator::staying_nodes() const {
  auto stays = [](const machine& x) { return x.node && !x.node->is_leaving(); };
  return static_cast<std::size_t>(std::ranges::count_if(machines_, stays));
}

bool simulator::hears(const simulated_node& node, node_id peer) const {
  const auto* other = find(peer);
  auto works = [&](std::size_t from, std::size_t to) { return cuts_[from][to] == 0; };
  // A question and its answer.
  return other && other->is_awake() && works(node.machine(), other->machine()) &&
         works(other->machine(), node.machine());
}

bool simulator::is_served(shard_id shard) const {
  const auto& row = database.shards()[shard.value];
  const auto* owner = row.owner ? find(*row.owner) : nullptr;
  return owner && owner->answers_reads() && owner->serves(shard) == row.epoch;
}

bool simulator::all_served() const {
  return std::ranges::all_of(database.shards(), [&](const shard_row& x) { return is_served(x.id); });
}

bool simulator::is_settled() const {
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  for (const auto& machine : machines_) {
    if (machine.should_run != (machine.node != nullptr)) return false;
    if (!machine.node) continue;
    if (machine.node->is_leaving() || database.state_of(machine.node->id()) != node_state::up) return false;
    auto share = static_cast<std::size_t>(
        std::ranges::count_if(database.shards(), [&](const shard_row& x) { return x.owner == machine.node->id(); }));
    least = std::min(least, share);
    most = std::max(most, share);
  }
  auto is_owned = [](const shard_row& x) { return x.state == shard_state::owned; };
  return most <= least + 1 && std::ranges::all_of(database.shards(), is_owned) && all_served();
}

// -- What is told in the end -----------------------------------------------------------------------------------------

void simulator::note(std::size_t machine, const char* what, std::int64_t detail) {
  trace_[traced_++ % trace_.size()] = {time.now(), machine, what, detail};
}

void simulator::note(const simulated_node& node, const char* what, std::int64_t detail) {
  note(node.machine(), what, detail);
}

void simulator::note(const simulated_node& node, const cluster_change& what) {
  note(node, change_names[what.index()], size_of(what));
}

std::string simulator::trace() const {
  std::string out;
  for (std::size_t i = traced_ < trace_.size() ? 0 : traced_ - trace_.size(); i < traced_; ++i) {
    const auto& line = trace_[i % trace_.size()];
    out += fmt::format("{:10.6f} s  {}  {}", static_cast<double>(line.at.count()) / 1e6,
                       line.machine == machines ? "everywhere" : fmt::format("machine {}", line.machine), line.what);
    out += line.detail ? fmt::format(" ({})\n", line.detail) : "\n";
  }
  return out;
}

}  // namespace dabba::simulation
