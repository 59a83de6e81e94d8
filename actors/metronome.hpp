/// Regular ticks from a thread of their own: one of CAF's timers would wake two threads for each.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/blocking_actor.hpp>
#include <chrono>

#include "protocols/actors.hpp"

namespace dabba {

/// Sends `tick` to `whom` as often, until that ends.
template <class Actor>
caf::actor start_metronome(caf::actor_system& system, const Actor& whom, std::chrono::milliseconds interval) {
  return system.spawn<caf::detached>([whom, interval](caf::blocking_actor* self) {
    self->monitor(whom);
    for (bool goes_on = true; goes_on;)
      self->receive([&](const caf::down_msg&) { goes_on = false; },
                    caf::after(interval) >> [&] { caf::anon_send(whom, tick{}); });
  });
}

}  // namespace dabba
