/// Asks several actors for their zones and answers with all of them.
#pragma once

#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <vector>

#include "protocols/actors.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

/// Whoever does not answer is left out: the list is for people.
template <class Self, class Actor>
caf::result<zone_list> call_zones(Self* self, const std::vector<Actor>& whom) {
  struct roll_call {
    std::size_t open = 0;
    zone_list zones;
    caf::typed_response_promise<zone_list> promise;

    void answered() {
      if (--open == 0) promise.deliver(zones);
    }
  };
  if (whom.empty()) return zone_list{};
  auto call = std::make_shared<roll_call>();
  call->open = whom.size();
  call->promise = self->template make_response_promise<zone_list>();
  for (const auto& one : whom)
    self->request(one, limits::request_deadline, list_zones{})
        .then(
            [call](const zone_list& some) {
              call->zones.zones.insert(call->zones.zones.end(), some.zones.begin(), some.zones.end());
              call->answered();
            },
            [call](const caf::error&) { call->answered(); });
  return call->promise;
}

}  // namespace dabba
