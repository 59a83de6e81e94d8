/// The matchmaker actor: a zone's dispatcher (domain/dispatch) with a mailbox and a clock.
#pragma once

#include "actors/node.hpp"

namespace dabba {

matchmaker_actor spawn_matchmaker(caf::actor_system& system, shard_context_ptr shard, zone_id zone);

}  // namespace dabba
