/// Orders and restaurants of usual size, for benchmarks.
#pragma once

#include "protocols/model/order_commands.hpp"
#include "protocols/model/restaurant.hpp"

namespace dabba::bench {

restaurant_profile sample_profile(std::size_t number, geo_point at);

/// Three lines, cash at the door.
place_order sample_order(restaurant_id restaurant, const restaurant_profile& from, geo_point to);

inline constexpr std::string_view sample_pin = "4711";

}  // namespace dabba::bench
