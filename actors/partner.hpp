/// The partner actor: a delivery partner's shift, position, offers and deliveries, and the phone it is connected by.
#pragma once

#include <optional>

#include "actors/node.hpp"

namespace dabba {

partner_actor spawn_partner(caf::actor_system& system, shard_context_ptr shard, partner_id id,
                            std::optional<partner> known);

}  // namespace dabba
