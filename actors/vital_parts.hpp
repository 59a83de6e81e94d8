/// Sees to it that a node does not live on, crippled, without an actor that it can't do without.
#pragma once

#include <caf/actor.hpp>
#include <functional>
#include <string>
#include <vector>

#include "protocols/actors.hpp"

namespace dabba {

struct vital_part {
  std::string name;
  caf::actor who;
};

/// Calls `lost` with the name and why, in a thread of the actor system, when one of them ends otherwise than by having
/// been told to. Those that did what they were told are of no more interest. Watches as long as its handle is held.
using vital_parts_actor = caf::typed_actor<caf::result<void>(stop)>;
vital_parts_actor watch_vital_parts(caf::actor_system& system, std::vector<vital_part> parts,
                                    std::function<void(const std::string& what)> lost);

}  // namespace dabba
