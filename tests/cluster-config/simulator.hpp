/// A cluster in virtual time: machines with nodes, a database, the network between them, and what can go wrong with
/// each. Everything follows from the seed; a promise that is broken is thrown as `broken_promise`.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "tests/cluster-config/ownership_checker.hpp"
#include "tests/cluster-config/simulated_node.hpp"

namespace dabba::simulation {

class simulator {
 public:
  static constexpr std::size_t machines = 6;
  /// A node may be declared dead for a fault of its machine that ended so recently.
  static constexpr moment blame = 12s;
  /// A supervisor starts a node again that ended itself.
  static constexpr moment restart_after = 1s;

  simulator(std::uint64_t seed, std::uint16_t shard_count);

  random_source random;
  virtual_time time;
  simulated_database database;
  ownership_checker checker;

  /// Of a thousand calls, so many fail.
  void let_calls_fail(std::size_t per_thousand) noexcept { failing_calls_ = per_thousand; }
  /// Of a thousand shards that are to be finished, so many never are.
  void let_shards_hang(std::size_t per_thousand) noexcept { hanging_shards_ = per_thousand; }

  /// Goes on until then, and checks after everything that happens.
  void run_until(moment when);
  void run_for(moment length) { run_until(time.now() + length); }
  /// The next thing, if it lies before then; false when time has come there.
  bool step(moment until);

  // -- Faults, by machine --------------------------------------------------------------------------------------------

  void start(std::size_t machine);
  /// The kernel of a machine that runs on closes the lock's connection, one that is gone does not.
  void crash(std::size_t machine, bool frees_lock = true);
  void pause(std::size_t machine);
  void resume(std::size_t machine);
  /// All of them at once, as virtual machines of one host do: nobody's fault.
  void pause_all();
  void resume_all();
  void drain(std::size_t machine);
  /// Only while the node would hear of it: for one that is cut off just then, reads may be old until its lease is over.
  void end_lock(std::size_t machine);
  void cut_from_database(std::size_t machine);
  void mend_to_database(std::size_t machine);
  /// What one machine sends does not reach the other any more.
  void cut(std::size_t from, std::size_t to);
  void mend(std::size_t from, std::size_t to);
  void stop_database();
  /// Nobody reaches it, and connections go on afterwards.
  void hide_database();
  void start_database() noexcept { is_database_up_ = true; }
  /// Something between the nodes and the database ends all connections; like `end_lock`.
  void end_all_connections();
  /// Everything that was broken works, and every machine that should has a node.
  void heal();

  // -- What is there -------------------------------------------------------------------------------------------------

  /// Null when the machine has none.
  [[nodiscard]] simulated_node* node_on(std::size_t machine) const noexcept { return machines_[machine].node; }
  /// Nodes that run and are not to leave.
  [[nodiscard]] std::size_t staying_nodes() const;
  [[nodiscard]] bool is_served(shard_id shard) const;
  [[nodiscard]] bool all_served() const;
  /// Every shard is served by its owner, shares are equal, nothing is under way.
  [[nodiscard]] bool is_settled() const;
  /// The latest of what happened, a line each.
  [[nodiscard]] std::string trace() const;

  // -- For the nodes -------------------------------------------------------------------------------------------------

  /// Calls the database: `effect` takes place there, or not; `then` gets what came of it, or nothing.
  template <class Effect, class Then>
  void ask(simulated_node& from, Effect effect, Then then) {
    using answer = std::optional<decltype(effect())>;
    auto result = std::make_shared<answer>();
    call(
        from, [result, effect = std::move(effect)] { *result = effect(); },
        [result, then = std::move(then)](bool is_answered) { then(is_answered ? std::move(*result) : answer{}); });
  }
  /// Writes to the journal; `then` hears false when the outcome can't be known.
  void write(simulated_node& from, const shard_claim& claim, std::function<void(bool is_certain)> then);
  /// The peer answers it.
  [[nodiscard]] bool hears(const simulated_node& node, node_id peer) const;
  [[nodiscard]] bool hangs() { return random.chance(hanging_shards_); }
  /// The process ends, and its supervisor starts a new one if it should run.
  void ends(simulated_node& node, const char* why);
  /// The node has its lock on a new connection.
  void took_lock(const simulated_node& node);
  void note(const simulated_node& node, const char* what, std::int64_t detail = 0);
  void note(const simulated_node& node, const cluster_change& what);

 private:
  struct machine {
    simulated_node* node = nullptr;
    bool should_run = false;
    int cuts_from_database = 0;
    bool has_ended_lock = false;  ///< and its node was not told yet
    int faults = 0;               ///< that last
    moment blamed_until{};
    moment last_failed_call = -1h;
  };
  struct trace_line {
    moment at{};
    std::size_t machine = 0;
    const char* what = nullptr;
    std::int64_t detail = 0;
  };

  void call(simulated_node& from, std::function<void()> effect, std::function<void(bool)> answered);
  void take_effect(const std::function<void()>& effect);
  [[nodiscard]] moment delay();
  [[nodiscard]] bool is_reachable(const simulated_node& from) const;
  void tell_of_ended_lock(std::size_t machine);
  void begin_fault(std::size_t machine) { ++machines_[machine].faults; }
  void end_fault(std::size_t machine);
  void blame_for_a_while(std::size_t machine);
  void note(std::size_t machine, const char* what, std::int64_t detail = 0);
  void on_death(node_id who, death cause);
  void check_reads() const;
  [[nodiscard]] simulated_node* find(node_id who) const;

  std::size_t failing_calls_ = 0;
  std::size_t hanging_shards_ = 0;
  bool is_database_up_ = true;
  bool do_all_stand_still_ = false;  ///< together, without exception
  std::uint64_t connections_ = 0;    ///< rises when all of them end
  std::uint64_t checked_version_ = 0;
  std::array<machine, machines> machines_{};
  std::array<std::array<int, machines>, machines> cuts_{};
  std::vector<std::unique_ptr<simulated_node>> nodes_;
  std::array<trace_line, 120> trace_{};
  std::size_t traced_ = 0;
};

}  // namespace dabba::simulation
