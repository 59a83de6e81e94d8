#include "bench/micro/city_points.hpp"

#include <cmath>
#include <numbers>
#include <random>

namespace dabba::bench {
namespace {

constexpr geo_point centre{12.9716, 77.5946};
constexpr double metres_per_degree = 111'194.93;
constexpr double city_radius_m = 15'000;
constexpr int quarters = 24;
constexpr double in_quarters = 0.8;  // of all points

geo_point offset(geo_point from, double north_m, double east_m) {
  auto narrowing = std::cos(from.lat_deg * std::numbers::pi / 180);
  return {from.lat_deg + north_m / metres_per_degree, from.lon_deg + east_m / metres_per_degree / narrowing};
}

geo_point anywhere(std::mt19937_64& random) {
  std::uniform_real_distribution unit{0.0, 1.0};
  auto away = city_radius_m * std::sqrt(unit(random));
  auto angle = 2 * std::numbers::pi * unit(random);
  return offset(centre, away * std::sin(angle), away * std::cos(angle));
}

struct quarter {
  geo_point middle;
  double width_m;
};

}  // namespace

std::vector<geo_point> city_points(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 layout{4711};  // the quarters are the city's, whatever the seed
  std::uniform_real_distribution width{400.0, 1800.0};
  std::vector<quarter> all;
  for (int i = 0; i < quarters; ++i) {
    auto middle = anywhere(layout);
    all.push_back({middle, width(layout)});
  }
  std::mt19937_64 random{seed};
  std::bernoulli_distribution in_a_quarter{in_quarters};
  std::uniform_int_distribution<std::size_t> which{0, all.size() - 1};
  std::normal_distribution normal{0.0, 1.0};
  std::vector<geo_point> out;
  out.reserve(count);
  while (out.size() < count) {
    if (!in_a_quarter(random)) {
      out.push_back(quantised(anywhere(random)));
      continue;
    }
    const auto& home = all[which(random)];
    auto north = home.width_m * normal(random);
    auto east = home.width_m * normal(random);
    out.push_back(quantised(offset(home.middle, north, east)));
  }
  return out;
}

}  // namespace dabba::bench
