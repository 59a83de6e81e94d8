/// How CAF runs a node's actors.
#pragma once

#include <algorithm>
#include <caf/actor_system_config.hpp>
#include <thread>

namespace dabba {

/// `threads` carry the actors, one per core if 0 (CAF's own default is four at least, which on few cores only makes them
/// change places).
inline void set_scheduling(caf::actor_system_config& config, unsigned threads = 0) {
  constexpr std::size_t messages_in_turn = 100;  // that an actor handles before others get their turn
  config.set("caf.scheduler.max-threads", threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency()));
  config.set("caf.scheduler.max-throughput", messages_in_turn);
  // CAF's default lets idle workers poll each other, which costs an idle node a tenth of a core, and sleep for up to 10 ms
  // before they look again. Sharing one queue they wait for work.
  config.set("caf.scheduler.policy", "sharing");
}

}  // namespace dabba
