/// How CAF runs a node's actors.
#pragma once

#include <algorithm>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <set>  // for coordinator.hpp
#include <thread>

#include "actors/frugal_sharing.hpp"

namespace dabba {

/// `threads` carry the actors, one per core if 0 (CAF's own default is four at least, which on few cores only makes
/// them change places).
inline void set_scheduling(caf::actor_system_config& config, unsigned threads = 0) {
  constexpr std::size_t messages_in_turn = 100;  // that an actor handles before others get their turn
  config.set("caf.scheduler.max-threads", threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency()));
  config.set("caf.scheduler.max-throughput", messages_in_turn);
  config.module_factories.push_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new caf::scheduler::coordinator<frugal_sharing>{system};
  });
}

}  // namespace dabba
