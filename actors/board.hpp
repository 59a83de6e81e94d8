/// The board actor: a zone's live map and counters, for operators.
#pragma once

#include "actors/node.hpp"

namespace dabba {

board_actor spawn_board(caf::actor_system& system, shard_context_ptr shard, zone_id zone);

}  // namespace dabba
