#include "bench/city/generator.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/city/random_source.hpp"

namespace dabba::city {

namespace {

/// Whole metres and whole minutes, as in the public instances.
point whole(double x_m, double y_m, double side_m) {
  return {std::round(std::clamp(x_m, 0.0, side_m)), std::round(std::clamp(y_m, 0.0, side_m))};
}

point near(random_source& random, point centre, double spread_m, double side_m) {
  const double dx = spread_m * random.normal();
  const double dy = spread_m * random.normal();
  return whole(centre.x_m + dx, centre.y_m + dy, side_m);
}

/// Dinner: most orders come in a bell around 45 % of the evening, the others at any time; none in the last half hour,
/// so that the evening can end.
double placement_minute(random_source& random, double evening_minutes) {
  const double last = evening_minutes - 30;
  if (random.uniform() < 0.35) return std::floor(random.uniform(0, last));
  const double rush = evening_minutes * (0.45 + 0.16 * random.normal());
  return std::floor(std::clamp(rush, 0.0, last));
}

void add_restaurants(instance& day, random_source& random, const city_size& size) {
  std::vector<point> quarters;
  for (std::size_t i = 0; i < size.quarters; ++i) {
    const double x = random.uniform(0.15, 0.85) * size.side_m;
    const double y = random.uniform(0.15, 0.85) * size.side_m;
    quarters.push_back({x, y});
  }
  for (std::size_t i = 0; i < size.restaurants; ++i)
    day.restaurants.push_back(
        {fmt::format("r{}", i + 1), near(random, quarters[i % quarters.size()], 350, size.side_m)});
}

void add_orders(instance& day, random_source& random, const city_size& size) {
  std::vector<double> placed;
  for (std::size_t i = 0; i < size.orders; ++i) placed.push_back(placement_minute(random, in_minutes(size.evening)));
  std::sort(placed.begin(), placed.end());
  for (std::size_t i = 0; i < size.orders; ++i) {
    // The smaller of two draws makes some restaurants more popular than others.
    const auto first = random.below(size.restaurants);
    const auto restaurant = std::min(first, random.below(size.restaurants));
    const auto home = near(random, day.restaurants[restaurant].at, 1500, size.side_m);
    const double cooking = std::round(std::clamp(12 + 4 * random.normal(), 5.0, 30.0));
    day.orders.push_back(
        {fmt::format("o{}", i + 1), home, at_minute(placed[i]), restaurant, at_minute(placed[i] + cooking)});
  }
}

void add_partners(instance& day, random_source& random, const city_size& size) {
  const double evening = in_minutes(size.evening);
  for (std::size_t i = 0; i < size.partners; ++i) {
    // A quarter opens the evening, the rest joins for the rush; all who start late stay to the end and a little beyond.
    const bool opens = i % 4 == 0;
    const double on = opens ? 0 : std::round(random.uniform(0, 0.3) * evening / 5) * 5;
    const double off = opens ? std::round(0.75 * evening / 5) * 5 : evening + 30;
    const auto start = near(random, day.restaurants[random.below(size.restaurants)].at, 900, size.side_m);
    day.partners.push_back({fmt::format("c{}", i + 1), start, at_minute(on), at_minute(off)});
  }
}

}  // namespace

instance generate_city(std::uint64_t seed, const city_size& size) {
  instance day;
  day.name = fmt::format("synthetic-{}", seed);
  random_source random{seed};
  add_restaurants(day, random, size);
  add_orders(day, random, size);
  add_partners(day, random, size);
  return day;
}

}  // namespace dabba::city
