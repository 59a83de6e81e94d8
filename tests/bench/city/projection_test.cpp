#include "bench/city/projection.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <numbers>

#include <fmt/format.h>

using namespace dabba::city;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// Great-circle distance by the haversine formula.
double on_the_globe_m(geo_position a, geo_position b) {
  constexpr double radian = std::numbers::pi / 180;
  const double dlat = (b.latitude_deg - a.latitude_deg) * radian;
  const double dlon = (b.longitude_deg - a.longitude_deg) * radian;
  const double h =
      std::pow(std::sin(dlat / 2), 2) +
      std::cos(a.latitude_deg * radian) * std::cos(b.latitude_deg * radian) * std::pow(std::sin(dlon / 2), 2);
  return 2 * 6'371'010.0 * std::asin(std::sqrt(h));
}

}  // namespace

TEST_CASE("the centre of the city is the anchor") {
  const projection map{{5000, 4000}};
  const auto g = map.to_geo({5000, 4000});
  CHECK_THAT(g.latitude_deg, WithinAbs(city_anchor.latitude_deg, 1e-12));
  CHECK_THAT(g.longitude_deg, WithinAbs(city_anchor.longitude_deg, 1e-12));
}

TEST_CASE("a round trip through the eight decimals of the wire is exact to a centimetre") {
  const projection map{{5000, 4000}};
  for (double x = -15'000; x <= 25'000; x += 1234.567)
    for (double y = -15'000; y <= 25'000; y += 1234.567) {
      const auto g = map.to_geo({x, y});
      const auto sent = geo_position{
          std::stod(fmt::format("{:.8f}", g.latitude_deg)), std::stod(fmt::format("{:.8f}", g.longitude_deg))};
      REQUIRE(distance_m(map.to_plane(sent), {x, y}) < 0.01);
    }
}

TEST_CASE("distances on the globe are those of the plane") {
  const projection map{{0, 0}};
  const point from{-6000, -5000};
  const point to{5500, 6000};
  CHECK_THAT(on_the_globe_m(map.to_geo(from), map.to_geo(to)), WithinRel(distance_m(from, to), 1e-3));
  CHECK(map.to_geo({0, 1000}).latitude_deg > city_anchor.latitude_deg);
  CHECK(map.to_geo({1000, 0}).longitude_deg > city_anchor.longitude_deg);
}

TEST_CASE("the centre is the middle of all there is") {
  instance day;
  day.restaurants.push_back({"r1", {0, 100}});
  day.orders.push_back({"o1", {1000, 0}, {}, 0, {}});
  day.partners.push_back({"c1", {500, 700}, {}, {}});
  CHECK(centre_of(day) == point{500, 350});
}
