/// Messages to entities and sessions, wherever they are, that nobody waits for an answer to.
#pragma once

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
void tell_directly_if_here(const Actor& known, const region_actor& region, const entity_ref& to, Body&& body) {
  if (known && known.node() == region.node())
    caf::anon_send(known, std::forward<Body>(body));
  else
    send_to(region, to, std::forward<Body>(body));
}

template <class What>
void tell_session(const region_actor& region, const session_actor& to, What&& what) {
  if (to.node() == region.node())
    caf::anon_send(to, std::forward<What>(what));
  else
    caf::anon_send(region, session_news{{to}, std::forward<What>(what)});
}

inline void tell_directly(const session_news& x) {
  auto shared = std::visit([](const auto& what) { return caf::make_message(what); }, x.what);
  for (const auto& each : x.to) caf::anon_send(caf::actor_cast<caf::actor>(each), shared);
}

/// While there is no link to their node: each message travels on its own, in a buffer that nobody bounds, until CAF
/// gives the connection up. Positions stay behind.
inline void tell_without_link(const session_news& x) {
  if (!std::holds_alternative<carrier_moved>(x.what)) tell_directly(x);
}

}  // namespace dabba
