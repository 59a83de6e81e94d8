/// When food is likely to be at the door, version 1: preparation plus travel.
#pragma once

#include "protocols/model/terms.hpp"

namespace dabba {

/// Travel as the crow flies at the speed the terms name.
duration travel_time(geo_point from, geo_point to, const order_terms& terms) noexcept;

/// Ready at `ready_by`, carried at once: the earliest the customer can have it.
instant estimate_delivery(instant ready_by, geo_point pickup, geo_point dropoff, const order_terms& terms) noexcept;

}  // namespace dabba
