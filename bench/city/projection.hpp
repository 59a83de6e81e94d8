/// Between an instance's plane of metres and the globe.
#pragma once

#include "bench/city/instance.hpp"

namespace dabba::city {

struct geo_position {
  double latitude_deg = 0;
  double longitude_deg = 0;
};

/// Where the middle of every instance is put.
inline constexpr geo_position city_anchor{12.9716, 77.5946};

/// A local equirectangular map: metres east and north of `centre` around `anchor`, on a sphere of the Earth's mean
/// radius. The round trip is exact to well below a centimetre; over a city distances differ from the great circle's by
/// less than one part in a thousand.
class projection {
 public:
  projection(point centre, geo_position anchor = city_anchor);

  [[nodiscard]] geo_position to_geo(point p) const;
  [[nodiscard]] point to_plane(geo_position g) const;

 private:
  point centre_;
  geo_position anchor_;
  double metres_per_degree_north_;
  double metres_per_degree_east_;
};

/// The middle of the box around everything that happens in `day`.
point centre_of(const instance& day);

}  // namespace dabba::city
