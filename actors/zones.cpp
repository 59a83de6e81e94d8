#include "actors/zones.hpp"

#include <s2/s1angle.h>
#include <s2/s2cap.h>
#include <s2/s2cell_id.h>
#include <s2/s2latlng.h>
#include <s2/s2region_coverer.h>

namespace dabba {
namespace {

constexpr double earth_radius_m = 6371008.8;

S2LatLng to_s2(geo_point at) { return S2LatLng::FromDegrees(at.lat_deg, at.lon_deg); }

}  // namespace

zone_id zone_at(geo_point at) noexcept { return {S2CellId{to_s2(at)}.parent(zone_level).id()}; }

std::vector<zone_id> zones_within(geo_point at, metres reach) {
  S2RegionCoverer::Options options;
  options.set_fixed_level(zone_level);
  S2RegionCoverer coverer{options};
  std::vector<S2CellId> cells;
  coverer.GetCovering(S2Cap{to_s2(at).ToPoint(), S1Angle::Radians(reach.value / earth_radius_m)}, &cells);
  std::vector<zone_id> out;
  out.reserve(cells.size());
  for (auto cell : cells) out.push_back({cell.id()});
  return out;
}

}  // namespace dabba
