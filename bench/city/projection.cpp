#include "bench/city/projection.hpp"

#include <algorithm>
#include <limits>
#include <numbers>

namespace dabba::city {

namespace {

constexpr double earth_radius_m = 6'371'010.0;
constexpr double radians_per_degree = std::numbers::pi / 180;

}  // namespace

projection::projection(point centre, geo_position anchor)
    : centre_(centre),
      anchor_(anchor),
      metres_per_degree_north_(earth_radius_m * radians_per_degree),
      metres_per_degree_east_(metres_per_degree_north_ * std::cos(anchor.latitude_deg * radians_per_degree)) {}

geo_position projection::to_geo(point p) const {
  return {anchor_.latitude_deg + (p.y_m - centre_.y_m) / metres_per_degree_north_,
          anchor_.longitude_deg + (p.x_m - centre_.x_m) / metres_per_degree_east_};
}

point projection::to_plane(geo_position g) const {
  return {centre_.x_m + (g.longitude_deg - anchor_.longitude_deg) * metres_per_degree_east_,
          centre_.y_m + (g.latitude_deg - anchor_.latitude_deg) * metres_per_degree_north_};
}

point centre_of(const instance& day) {
  constexpr double far = std::numeric_limits<double>::max();
  point low{far, far};
  point high{-far, -far};
  const auto widen = [&](point p) {
    low = {std::min(low.x_m, p.x_m), std::min(low.y_m, p.y_m)};
    high = {std::max(high.x_m, p.x_m), std::max(high.y_m, p.y_m)};
  };
  for (const auto& r : day.restaurants) widen(r.at);
  for (const auto& o : day.orders) widen(o.at);
  for (const auto& p : day.partners) widen(p.at);
  if (low.x_m > high.x_m) return {};
  return {(low.x_m + high.x_m) / 2, (low.y_m + high.y_m) / 2};
}

}  // namespace dabba::city
