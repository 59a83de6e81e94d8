/// Which places a restaurant delivers to. Pure.
///
/// A circle goes by great-circle distance. The sides of a polygon are straight in degrees of latitude and longitude:
/// over 20 km that is less than 20 m from the great circle up to 60 degrees of latitude. What is exactly on a side is
/// inside. All is done in whole 1e-7 degrees, without rounding.
#pragma once

#include "protocols/model/kitchen.hpp"

namespace dabba {

/// A radius within `limits::area_metres`; or 3 to `limits::area_corners` corners within that distance from the
/// restaurant, no two the same, whose sides do not touch but at the corners they share.
bool is_valid(const delivery_area& area, geo_point restaurant);

bool reaches(const delivery_area& area, geo_point restaurant, geo_point to);

}  // namespace dabba
