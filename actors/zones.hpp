/// Dispatch zones on the ground: cells of the S2 grid, and which of them a partner can serve.
#pragma once

#include <vector>

#include "protocols/model/geo.hpp"
#include "protocols/model/ids.hpp"

namespace dabba {

/// The zone a restaurant at `at` belongs to. Level 7 cells are about 75 km across: a city.
zone_id zone_at(geo_point at) noexcept;

/// Every zone with a point within `reach` of `at`: a partner near a border is known to the matchmakers on both sides.
std::vector<zone_id> zones_within(geo_point at, metres reach);

}  // namespace dabba
