/// Positions on the earth (WGS 84).
#pragma once

#include <compare>

namespace dabba {

struct geo_point {
  double lat_deg = 0;
  double lon_deg = 0;

  friend bool operator==(const geo_point&, const geo_point&) = default;

  [[nodiscard]] bool is_valid() const noexcept {
    return lat_deg >= -90 && lat_deg <= 90 && lon_deg >= -180 && lon_deg <= 180;  // false for NaN
  }
};

struct metres {
  double value = 0;
  friend auto operator<=>(const metres&, const metres&) = default;
};

/// Great-circle distance by the haversine formula on a sphere of 6,371,008.8 m (the mean radius of IUGG).
metres distance(geo_point a, geo_point b) noexcept;

/// The nearest multiple of 1e-7 degrees (about a centimetre): what is stored is exactly what is read back.
double quantised_degrees(double degrees) noexcept;
inline geo_point quantised(geo_point p) noexcept {
  return {quantised_degrees(p.lat_deg), quantised_degrees(p.lon_deg)};
}

template <class Inspector>
bool inspect(Inspector& f, geo_point& x) {
  auto get = [](double& from) { return [&from] { return from; }; };
  auto set = [](double& to) {
    return [&to](double degrees) {
      to = quantised_degrees(degrees);
      return true;
    };
  };
  return f.object(x).fields(
      f.field("latitude", get(x.lat_deg), set(x.lat_deg)), f.field("longitude", get(x.lon_deg), set(x.lon_deg)));
}

template <class Inspector>
bool inspect(Inspector& f, metres& x) {
  return f.apply(x.value);
}

}  // namespace dabba
