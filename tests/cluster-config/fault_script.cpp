#include "tests/cluster-config/fault_script.hpp"

#include <fmt/format.h>

namespace dabba::simulation {
namespace {

constexpr moment faults_end = 40s;
constexpr moment calm = 3s;

class fault_script {
 public:
  explicit fault_script(std::uint64_t seed)
      : random_{seed ^ 0x5bd1e995},
        world_{seed, static_cast<std::uint16_t>(8 + random_.below(25))},
        nodes_{3 + random_.below(3)} {
    // Not every schedule has every fault: so each of them also meets the others one by one.
    for (std::size_t i = 0; i < std::size(kinds); ++i)
      if (random_.chance(400)) chosen_.push_back(i);
    if (random_.chance(500)) world_.let_calls_fail(1 + random_.below(20));
    if (random_.chance(200)) world_.let_shards_hang(1 + random_.below(50));
  }

  simulator& world() { return world_; }

  moment run() {
    for (std::size_t i = 0; i < nodes_; ++i) world_.time.at(random_.between(0ms, 2s), [this, i] { world_.start(i); });
    for (auto when = random_.between(1s, 15s); when < faults_end; when += random_.between(50ms, 6s))
      world_.time.at(when, [this] { something_fails(); });
    world_.run_until(faults_end);
    is_over_ = true;
    world_.heal();
    start_missing();
    return settle();
  }

 private:
  using fault = void (fault_script::*)();

  void something_fails() {
    if (!chosen_.empty()) (this->*kinds[chosen_[random_.below(chosen_.size())]])();
  }

  std::size_t some_machine() { return random_.below(simulator::machines); }

  /// Undone after a while; at the end everything is, by then all at once.
  void undo_after(moment length, std::function<void()> undo) {
    world_.time.after(length, [this, undo = std::move(undo)] {
      if (!is_over_) undo();
    });
  }

  void crash() {
    auto machine = some_machine();
    if (!world_.node_on(machine)) return;
    world_.crash(machine, random_.chance(700));
    missing_.insert(machine);
    undo_after(random_.between(200ms, 10s), [this, machine] { world_.start(machine); });
  }
  void stand_still() {
    auto machine = some_machine();
    world_.pause(machine);
    undo_after(random_.chance(500) ? random_.between(1s, 7s) : random_.between(1s, 20s),
               [this, machine] { world_.resume(machine); });
  }
  void stand_still_together() {
    if (std::exchange(is_still_, true)) return;
    world_.pause_all();
    undo_after(random_.between(1s, 15s), [this] {
      is_still_ = false;
      world_.resume_all();
    });
  }
  void start_another() { world_.start(some_machine()); }
  void drain() {
    auto machine = some_machine();
    // Somebody has to stay.
    if (world_.staying_nodes() > 1) world_.drain(machine);
  }
  void stop_database() {
    if (random_.chance(300))
      world_.hide_database();
    else
      world_.stop_database();
    undo_after(random_.chance(700) ? random_.between(200ms, 8s) : random_.between(5s, 30s),
               [this] { world_.start_database(); });
  }
  void end_connections() { world_.end_all_connections(); }
  void end_lock() { world_.end_lock(some_machine()); }
  void cut_from_database() {
    auto machine = some_machine();
    world_.cut_from_database(machine);
    undo_after(random_.between(500ms, 15s), [this, machine] { world_.mend_to_database(machine); });
  }
  void cut_one_way() {
    auto from = some_machine();
    auto to = (from + 1 + random_.below(simulator::machines - 1)) % simulator::machines;
    world_.cut(from, to);
    undo_after(random_.between(500ms, 20s), [this, from, to] { world_.mend(from, to); });
  }
  void isolate() {
    auto machine = some_machine();
    for (std::size_t other = 0; other < simulator::machines; ++other)
      if (other != machine) cut_both(machine, other);
    undo_after(random_.between(500ms, 20s), [this, machine] {
      for (std::size_t other = 0; other < simulator::machines; ++other)
        if (other != machine) mend_both(machine, other);
    });
  }
  void flap() {
    auto one = some_machine();
    auto other = (one + 1) % simulator::machines;
    cut_both(one, other);
    undo_after(1s, [this, one, other] {
      mend_both(one, other);
      if (random_.chance(900))
        world_.time.after(1s, [this] {
          if (!is_over_) flap();
        });
    });
  }

  void cut_both(std::size_t a, std::size_t b) {
    world_.cut(a, b);
    world_.cut(b, a);
  }
  void mend_both(std::size_t a, std::size_t b) {
    world_.mend(a, b);
    world_.mend(b, a);
  }

  void start_missing() {
    for (std::size_t i = 0; i < nodes_; ++i) world_.start(i);
    for (auto machine : missing_) world_.start(machine);
  }

  /// Until nothing was left to do, and nothing was done for a while.
  moment settle() {
    auto began = world_.time.now();
    auto changed_at = began;
    for (auto moves = all_moves(); world_.time.now() - changed_at < calm; world_.run_for(100ms)) {
      if (world_.is_settled() && std::exchange(moves, all_moves()) == all_moves()) continue;
      changed_at = world_.time.now();
      if (changed_at - began > settling_patience) throw broken_promise{"the cluster does not settle"};
    }
    return changed_at - began;
  }

  [[nodiscard]] std::size_t all_moves() const {
    std::size_t out = 0;
    for (const auto& shard : world_.database.shards()) out += world_.checker.moves(shard.id);
    return out;
  }

  static constexpr fault kinds[] = {
      &fault_script::crash,
      &fault_script::stand_still,
      &fault_script::start_another,
      &fault_script::drain,
      &fault_script::stand_still_together,
      &fault_script::stop_database,
      &fault_script::end_connections,
      &fault_script::end_lock,
      &fault_script::cut_from_database,
      &fault_script::cut_one_way,
      &fault_script::isolate,
      &fault_script::flap};

  random_source random_;
  simulator world_;
  std::size_t nodes_;
  std::vector<std::size_t> chosen_;
  std::set<std::size_t> missing_;  ///< crashed once
  bool is_over_ = false;
  bool is_still_ = false;
};

}  // namespace

moment run_schedule(std::uint64_t seed) {
  fault_script script{seed};
  try {
    return script.run();
  } catch (const broken_promise& e) {
    throw broken_promise{fmt::format("seed {:#x}: {}\n{}", seed, e.what(), script.world().trace())};
  }
}

}  // namespace dabba::simulation
