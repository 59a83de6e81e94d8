#include "tests/cluster-config/simulated_node.hpp"

#include "tests/cluster-config/simulator.hpp"

namespace dabba::simulation {
namespace {

using namespace cluster_terms;

constexpr moment tick_interval = 50ms;
constexpr moment retry_interval = 250ms;
constexpr moment ping_interval = 500ms;

}  // namespace

simulated_node::simulated_node(simulator& world, node_id id, std::size_t machine, std::uint16_t shard_count)
    : world_{world},
      id_{id},
      machine_{machine},
      tick_phase_{world.random.between(0ms, tick_interval)},
      clock_offset_{world.random.between(1h, 1000h)},
      places_(shard_count) {
  memory_.self = id;
  memory_.holding_lock_since = uptime::max();
}

void simulated_node::start() {
  ping();
  write_somewhere();
  go_on();
}

uptime simulated_node::clock() const { return world_.time.now() + clock_offset_; }

moment simulated_node::on_own_tick(moment when) const {
  auto passed = (when - tick_phase_) % tick_interval;
  return passed == moment{} ? when : when - passed + tick_interval;
}

// -- From outside ----------------------------------------------------------------------------------------------------

void simulated_node::run(std::function<void()> what) {
  if (has_ended_) return;
  if (is_paused_)
    put_off_.push_back(std::move(what));
  else
    what();
}

void simulated_node::pause() { is_paused_ = true; }

void simulated_node::resume() {
  is_paused_ = false;
  looks_again_at_ = on_own_tick(world_.time.now());
  world_.time.at(looks_again_at_, [this] { run([this] { look_at_lock(); }); });
  // What it had decided comes first, in its order.
  for (auto& what : put_off_) world_.time.after(0ms, [this, what = std::move(what)] { run(what); });
  put_off_.clear();
}

void simulated_node::lock_connection_ended() {
  is_lock_closed_ = true;
  world_.time.at(on_own_tick(world_.time.now() + 1ms), [this] {
    if (!is_paused_) run([this] { look_at_lock(); });
  });
}

bool simulated_node::answers_reads() const {
  return is_awake() && has_lock_ && is_lock_known_ && world_.time.now() < lease_until_ &&
         world_.time.now() >= looks_again_at_;
}

std::optional<std::uint64_t> simulated_node::serves(shard_id shard) const {
  const auto& x = places_[shard.value];
  return x.now == phase::serving ? std::optional{x.epoch} : std::nullopt;
}

// -- Membership ------------------------------------------------------------------------------------------------------

/// One call at a time: whatever is next.
void simulated_node::go_on() {
  if (is_busy_ || has_ended_) return;
  auto now = world_.time.now();
  if (!has_joined_) return join();
  if (!changes_.empty()) return send_next_change();
  if (!has_lock_ && now >= lock_retry_at_) return take_lock();
  if (now >= renew_at_) return renew();
  if (!to_retake_.empty()) return retake(*to_retake_.begin());
  if (std::exchange(wants_decision_, false)) return decide();
  wake_at(on_own_tick(has_lock_ ? renew_at_ : std::min(renew_at_, lock_retry_at_)));
}

void simulated_node::wake_at(moment when) {
  world_.time.at(when, [this, wake = ++wakes_] {
    run([this, wake] {
      if (wake == wakes_) go_on();
    });
  });
}

void simulated_node::join() {
  is_busy_ = true;
  auto insert = [this] {
    node_profile self;
    self.id = id_;
    world_.database.join(self);
    return true;
  };
  world_.ask(*this, insert, [this](std::optional<bool> answer) {
    is_busy_ = false;
    has_joined_ = answer.has_value();
    if (has_joined_)
      go_on();
    else
      wake_at(world_.time.now() + retry_interval);
  });
}

void simulated_node::take_lock() {
  is_busy_ = true;
  auto attempt = ++lock_attempts_;
  auto lock = [this, attempt] {
    // Given up by now: the database sees that as soon as it has taken the lock.
    if (attempt != lock_attempts_ || has_ended_ || !world_.database.take_lock(id_)) return false;
    locked_by_ = attempt;
    is_lock_closed_ = false;
    world_.took_lock(*this);
    return true;
  };
  world_.ask(*this, lock, [this](std::optional<bool> answer) {
    is_busy_ = false;
    has_lock_ = answer && *answer;
    if (has_lock_) {
      memory_.holding_lock_since = clock();
      is_lock_known_ = false;
      renew_at_ = world_.time.now();
      if (is_lock_closed_) lock_connection_ended();
    } else {
      lock_retry_at_ = world_.time.now() + retry_interval;
      if (!answer) give_up_lock();
    }
    go_on();
  });
}

/// The database needs a moment to see that the connection was closed.
void simulated_node::give_up_lock() {
  world_.time.after(world_.random.between(1ms, 500ms), [this, attempt = lock_attempts_++] {
    if (locked_by_ == attempt) world_.database.end_lock(id_);
  });
}

void simulated_node::look_at_lock() {
  if (!is_lock_closed_ || !has_lock_) return;
  world_.note(*this, "has lost its lock");
  has_lock_ = false;
  memory_.holding_lock_since = uptime::max();
  lock_retry_at_ = world_.time.now();
  go_on();
}

void simulated_node::renew() {
  is_busy_ = true;
  auto sent_at = world_.time.now();
  auto known = view_.shards.empty() ? 0 : view_.version;
  auto call = [this, known, unreachable = reported_] { return world_.database.renew(id_, unreachable, known); };
  world_.ask(*this, call, [this, sent_at](const std::optional<std::optional<cluster_view>>& answer) {
    is_busy_ = false;
    renewed(sent_at, answer);
  });
}

void simulated_node::renewed(moment sent_at, const std::optional<std::optional<cluster_view>>& answer) {
  if (!answer) {
    // While the database is away nobody can renew; afterwards all get a full term to do so.
    memory_.renewing_since = uptime::max();
    renew_at_ = world_.time.now() + retry_interval;
    return go_on();
  }
  if (!*answer) return world_.ends(*this, "ends: it was declared dead");
  memory_.renewing_since = std::min(memory_.renewing_since, clock());
  lease_until_ = sent_at + lease_kept_locally;
  is_lock_known_ = has_lock_;
  renew_at_ = sent_at + renew_interval;
  take_view(**answer);
  decide();
}

void simulated_node::take_view(const cluster_view& view) {
  auto shards = std::move(view_.shards);
  view_ = view;
  if (view_.shards.empty()) view_.shards = std::move(shards);
  for (const auto& node : view_.nodes)
    if (node.id != id_) heard_.try_emplace(node.id, world_.time.now());
  note_unreachable();
  for (const auto& row : view_.shards) follow(row);
}

void simulated_node::decide() {
  if (view_.shards.empty()) return go_on();
  auto steps = next_steps(view_, memory_, clock());
  if (steps.must_end) return world_.ends(*this, "ends: it is cut off");
  if (steps.watch) renew_at_ = std::min(renew_at_, world_.time.now() + watch_interval);
  changes_.assign(steps.changes.begin(), steps.changes.end());
  if (steps.may_leave) changes_ = {leave{}};
  const auto* self = find_node(view_, id_);
  if (is_leaving_ && self && (self->state == node_state::up || self->state == node_state::joining))
    changes_ = {start_draining{id_}};
  // It takes a moment, in which anything may happen.
  is_busy_ = true;
  world_.time.after(world_.random.between(0ms, 2ms), [this] {
    run([this] {
      is_busy_ = false;
      go_on();
    });
  });
}

void simulated_node::send_next_change() {
  is_busy_ = true;
  auto what = std::move(changes_.front());
  changes_.pop_front();
  world_.note(*this, what);
  check_is_drained(what);
  bool is_leave = std::holds_alternative<leave>(what);
  auto call = [this, what] { return world_.database.change(id_, what); };
  world_.ask(*this, call, [this, is_leave](std::optional<bool> answer) {
    is_busy_ = false;
    changed(is_leave, answer);
  });
}

void simulated_node::check_is_drained(const cluster_change& what) const {
  const auto* handed_over = std::get_if<hand_over>(&what);
  if (!handed_over) return;
  for (const auto& claim : handed_over->shards)
    if (places_[claim.id.value].now != phase::stopped)
      throw broken_promise{"node " + to_string(id_) + " hands over what it has not finished"};
}

void simulated_node::changed(bool is_leave, std::optional<bool> answer) {
  if (is_leave && answer == true) return world_.ends(*this, "has left");
  // Where the answer was lost it may have changed something, too.
  if (!answer || *answer) has_changed_ = true;
  if (changes_.empty() && std::exchange(has_changed_, false)) renew_at_ = world_.time.now();
  go_on();
}

void simulated_node::retake(shard_id shard) {
  is_busy_ = true;
  to_retake_.erase(shard);
  auto call = [this, shard] { return world_.database.retake(id_, shard); };
  world_.ask(*this, call, [this, shard](const std::optional<std::optional<owned_shard>>& answer) {
    is_busy_ = false;
    if (!answer) to_retake_.insert(shard);
    renew_at_ = world_.time.now();  // the tables say what became of it
    go_on();
  });
}

// -- Peers -----------------------------------------------------------------------------------------------------------

void simulated_node::ping() {
  note_unreachable();
  for (const auto& node : view_.nodes) {
    if (node.id == id_ || !world_.hears(*this, node.id)) continue;
    heard_[node.id] = world_.time.now();
    met_.insert(node.id);
  }
  world_.time.after(ping_interval, [this] { run([this] { ping(); }); });
}

void simulated_node::note_unreachable() {
  const auto* self = find_node(view_, id_);
  bool is_joining = !self || self->state == node_state::joining;
  std::set<node_id> silent;
  memory_.unreachable.clear();
  for (const auto& node : view_.nodes) {
    if (node.id == id_ || node.state == node_state::dead) continue;
    bool is_silent = world_.time.now() - heard_.at(node.id) >= peer_patience;
    if (is_silent) silent.insert(node.id);
    if (is_silent || (is_joining && !met_.contains(node.id))) memory_.unreachable.insert(node.id);
  }
  if (silent == reported_) return;
  reported_ = std::move(silent);
  renew_at_ = world_.time.now();
  wake_at(on_own_tick(renew_at_));
}

// -- The region ------------------------------------------------------------------------------------------------------

void simulated_node::follow(const shard_row& row) {
  auto& x = places_[row.id.value];
  if (row.owner != id_) {
    x = {.starts = x.starts + 1};
    to_retake_.erase(row.id);
    return;
  }
  if (row.state == shard_state::handoff) return let_go(row);
  if (x.given_up == row.epoch)
    to_retake_.insert(row.id);
  else if (x.now == phase::stopped || x.epoch != row.epoch)
    load(row.id, row.epoch);
  else if (x.now == phase::draining)
    x.now = phase::serving;  // nobody wants it any more
}

void simulated_node::let_go(const shard_row& row) {
  auto& x = places_[row.id.value];
  bool is_current = x.epoch == row.epoch;
  if (x.now == phase::draining && is_current) return;
  if (x.now != phase::serving || !is_current) {
    x.now = phase::stopped;
    memory_.drained[row.id] = row.epoch;
    return;
  }
  // From here on it takes no reads and no commands.
  x.now = phase::draining;
  if (world_.hangs()) return;
  auto most = world_.random.chance(200) ? moment{drain_patience} : 50ms;
  auto finish_it = [this, shard = row.id] { finish(shard); };
  world_.time.after(world_.random.between(1ms, most), [this, finish_it] { run(finish_it); });
}

void simulated_node::load(shard_id shard, std::uint64_t epoch) {
  auto& x = places_[shard.value];
  x = {.now = phase::loading, .epoch = epoch, .given_up = x.given_up, .starts = x.starts + 1};
  auto loaded = [this, shard, start = x.starts] {
    auto& y = places_[shard.value];
    if (y.starts != start || y.now != phase::loading) return;
    y.now = phase::serving;
    write(shard);
  };
  world_.time.after(world_.random.between(2ms, 30ms), [this, loaded] { run(loaded); });
}

void simulated_node::finish(shard_id shard) {
  auto& x = places_[shard.value];
  if (x.now != phase::draining) return;
  x.now = phase::stopped;
  memory_.drained[shard] = x.epoch;
  wants_decision_ = true;
  go_on();
}

void simulated_node::write(shard_id shard) {
  shard_claim claim{shard, places_[shard.value].epoch};
  world_.write(*this, claim, [this, claim](bool is_certain) {
    auto& x = places_[claim.id.value];
    if (is_certain || x.epoch != claim.epoch || x.now == phase::stopped) return;
    // It may still be written: the shard is to be acquired anew, which ends that.
    x.now = phase::stopped;
    x.given_up = claim.epoch;
    to_retake_.insert(claim.id);
    go_on();
  });
}

void simulated_node::write_somewhere() {
  shard_id shard{static_cast<std::uint16_t>(world_.random.below(places_.size()))};
  if (places_[shard.value].now == phase::serving) write(shard);
  world_.time.after(world_.random.between(50ms, 250ms), [this] { run([this] { write_somewhere(); }); });
}

}  // namespace dabba::simulation
