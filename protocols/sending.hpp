/// Messages to entities, wherever they live, that nobody waits for an answer to.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include "protocols/actors.hpp"

namespace dabba {

template <class Body>
void send_to(const region_actor& region, const entity_ref& to, Body&& body) {
  caf::anon_send(region, envelope{to, 0, 0, routed{std::forward<Body>(body)}});
}

/// For positions, of which there are many: without the way through region and shard when the actor is on this node. To
/// another the links gather them.
template <class Actor, class Body>
void tell_directly_if_here(caf::actor_system& system, const Actor& known, const region_actor& region,
                           const entity_ref& to, Body&& body) {
  if (known && known.node() == system.node())
    caf::anon_send(known, std::forward<Body>(body));
  else
    send_to(region, to, std::forward<Body>(body));
}

}  // namespace dabba
