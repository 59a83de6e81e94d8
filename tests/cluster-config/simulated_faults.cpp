/// What can go wrong in a simulated cluster.
#include "tests/cluster-config/simulator.hpp"

namespace dabba::simulation {

void simulator::end_fault(std::size_t machine) {
  --machines_[machine].faults;
  blame_for_a_while(machine);
}

void simulator::blame_for_a_while(std::size_t machine) { machines_[machine].blamed_until = time.now() + blame; }

// -- Processes -------------------------------------------------------------------------------------------------------

void simulator::start(std::size_t machine) {
  auto& x = machines_[machine];
  x.should_run = true;
  if (x.node) return;
  do_all_stand_still_ = false;
  node_id id;
  for (auto& byte : id.value.bytes) byte = static_cast<std::uint8_t>(random.below(256));
  nodes_.push_back(
      std::make_unique<simulated_node>(*this, id, machine, static_cast<std::uint16_t>(database.shards().size())));
  x.node = nodes_.back().get();
  x.has_ended_lock = false;
  note(machine, "starts");
  x.node->start();
}

void simulator::crash(std::size_t machine, bool frees_lock) {
  auto& x = machines_[machine];
  x.should_run = false;
  if (!x.node) return;
  note(machine, frees_lock ? "crashes" : "is lost");
  x.node->end();
  if (frees_lock && x.cuts_from_database == 0) database.end_lock(x.node->id());
  x.node = nullptr;
}

void simulator::ends(simulated_node& node, const char* why) {
  note(node, why);
  auto machine = node.machine();
  auto& x = machines_[machine];
  bool is_wanted = x.should_run && !node.is_leaving();
  node.end();
  if (x.cuts_from_database == 0) database.end_lock(node.id());
  x.node = nullptr;
  x.should_run = is_wanted;
  if (!is_wanted) return;
  time.after(restart_after, [this, machine] {
    if (machines_[machine].should_run) start(machine);
  });
}

void simulator::pause(std::size_t machine) {
  auto* node = node_on(machine);
  if (!node || node->is_paused()) return;
  note(machine, "stands still");
  node->pause();
}

void simulator::resume(std::size_t machine) {
  auto* node = node_on(machine);
  if (!node || !node->is_paused()) return;
  note(machine, "goes on");
  do_all_stand_still_ = false;
  blame_for_a_while(machine);
  node->resume();
}

void simulator::pause_all() {
  note(machines, "everything but the database stands still");
  do_all_stand_still_ = std::ranges::none_of(machines_, [](const machine& x) { return x.node && x.node->is_paused(); });
  for (auto& x : machines_)
    if (x.node) x.node->pause();
}

void simulator::resume_all() {
  note(machines, "everything goes on");
  // Unless one went on before the others, which is their fault then.
  bool is_fault = !std::exchange(do_all_stand_still_, false);
  for (std::size_t i = 0; i < machines; ++i) {
    auto* node = machines_[i].node;
    if (!node || !node->is_paused()) continue;
    if (is_fault) blame_for_a_while(i);
    node->resume();
  }
}

void simulator::drain(std::size_t machine) {
  if (!node_on(machine)) return;
  note(machine, "is to drain");
  node_on(machine)->drain();
}

// -- Connections to the database -------------------------------------------------------------------------------------

void simulator::took_lock(const simulated_node& node) { machines_[node.machine()].has_ended_lock = false; }

void simulator::tell_of_ended_lock(std::size_t machine) {
  auto& x = machines_[machine];
  if (!x.node || x.cuts_from_database > 0 || !std::exchange(x.has_ended_lock, false)) return;
  x.node->lock_connection_ended();
}

void simulator::end_lock(std::size_t machine) {
  auto& x = machines_[machine];
  if (!x.node || x.cuts_from_database > 0) return;
  note(machine, "its lock's connection ends");
  blame_for_a_while(machine);
  database.end_lock(x.node->id());
  x.has_ended_lock = true;
  tell_of_ended_lock(machine);
}

void simulator::cut_from_database(std::size_t machine) {
  note(machine, "is cut off from the database");
  begin_fault(machine);
  ++machines_[machine].cuts_from_database;
}

void simulator::mend_to_database(std::size_t machine) {
  note(machine, "reaches the database");
  end_fault(machine);
  --machines_[machine].cuts_from_database;
  tell_of_ended_lock(machine);
}

void simulator::stop_database() {
  note(machines, "the database stops");
  is_database_up_ = false;
  ++connections_;
  database.end_all_locks(true);
  for (std::size_t i = 0; i < machines; ++i) {
    machines_[i].has_ended_lock = true;
    tell_of_ended_lock(i);
  }
}

void simulator::hide_database() {
  note(machines, "nobody reaches the database");
  is_database_up_ = false;
}

void simulator::end_all_connections() {
  if (std::ranges::any_of(machines_, [](const machine& x) { return x.cuts_from_database > 0; })) return;
  note(machines, "all connections end");
  ++connections_;
  database.end_all_locks(false);
  for (std::size_t i = 0; i < machines; ++i) {
    machines_[i].has_ended_lock = true;
    tell_of_ended_lock(i);
  }
}

// -- Between the nodes -----------------------------------------------------------------------------------------------

void simulator::cut(std::size_t from, std::size_t to) {
  note(from, "is not heard any more by", static_cast<std::int64_t>(to));
  begin_fault(from);
  begin_fault(to);
  ++cuts_[from][to];
}

void simulator::mend(std::size_t from, std::size_t to) {
  note(from, "is heard by", static_cast<std::int64_t>(to));
  end_fault(from);
  end_fault(to);
  --cuts_[from][to];
}

void simulator::heal() {
  note(machines, "everything works from here on");
  is_database_up_ = true;
  failing_calls_ = hanging_shards_ = 0;
  for (std::size_t i = 0; i < machines; ++i) {
    while (machines_[i].cuts_from_database > 0) mend_to_database(i);
    for (std::size_t j = 0; j < machines; ++j)
      while (cuts_[i][j] > 0) mend(i, j);
    resume(i);
  }
}

}  // namespace dabba::simulation
