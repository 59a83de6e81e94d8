#include "protocols/model/geo.hpp"

#include <cmath>
#include <numbers>

namespace dabba {

metres distance(geo_point a, geo_point b) noexcept {
  constexpr double earth_radius_m = 6371008.8;
  constexpr double rad_per_deg = std::numbers::pi / 180;
  double half_lat = std::sin((b.lat_deg - a.lat_deg) * rad_per_deg / 2);
  double half_lon = std::sin((b.lon_deg - a.lon_deg) * rad_per_deg / 2);
  double h =
      half_lat * half_lat + std::cos(a.lat_deg * rad_per_deg) * std::cos(b.lat_deg * rad_per_deg) * half_lon * half_lon;
  return {2 * earth_radius_m * std::asin(std::sqrt(std::fmin(1.0, h)))};
}

double quantised_degrees(double degrees) noexcept { return std::round(degrees * 1e7) / 1e7; }

}  // namespace dabba
