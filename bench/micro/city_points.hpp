/// Partners and restaurants spread over a made-up city: dense quarters, and a thin rest between them.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/model/geo.hpp"

namespace dabba::bench {

/// The same points for the same seed.
std::vector<geo_point> city_points(std::size_t count, std::uint64_t seed);

}  // namespace dabba::bench
