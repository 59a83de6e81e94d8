/// What the actors of a platform in memory answer.
#pragma once

#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {

/// The zone that everything is in.
inline const zone_id zone_of_tests = *parse_zone("3bae4");

/// With the world locked.
answer canned_answer(world& w, const entity_ref& to, const routed& question);

}  // namespace dabba::test
