#include <caf/send.hpp>

#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {

using namespace std::chrono_literals;

bool wait_until(world& of, const std::function<bool()>& condition) {
  std::unique_lock lock{of.mutex};
  return of.changed.wait_for(lock, 5s, condition);
}

void fail_subscribers(world& of, const entity_ref& topic) {
  std::lock_guard lock{of.mutex};
  for (const auto& each : of.subscribers[topic])
    caf::anon_send(caf::actor_cast<caf::actor>(each), caf::exit_msg{{}, caf::sec::runtime_error});
}

}  // namespace dabba::test
