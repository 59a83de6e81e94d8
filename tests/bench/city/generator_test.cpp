#include "bench/city/generator.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/bench/city/nearest_day.hpp"

using namespace dabba::city;
using namespace std::chrono_literals;

namespace {

bool same(const instance& a, const instance& b) {
  const auto orders = [](const order_demand& x, const order_demand& y) {
    return x.at == y.at && x.placed == y.placed && x.restaurant == y.restaurant && x.ready == y.ready;
  };
  const auto partners = [](const partner_shift& x, const partner_shift& y) {
    return x.at == y.at && x.on == y.on && x.off == y.off;
  };
  return std::equal(a.orders.begin(), a.orders.end(), b.orders.begin(), b.orders.end(), orders) &&
         std::equal(a.partners.begin(), a.partners.end(), b.partners.begin(), b.partners.end(), partners);
}

}  // namespace

TEST_CASE("a seed names one city") {
  CHECK(same(generate_city(7), generate_city(7)));
  CHECK_FALSE(same(generate_city(7), generate_city(8)));
}

TEST_CASE("a city is what the size says, and possible") {
  const auto day = generate_city(1);
  CHECK(day.restaurants.size() == 60);
  CHECK(day.orders.size() == 240);
  CHECK(day.partners.size() == 70);
  for (const auto& o : day.orders) {
    CHECK(o.restaurant < day.restaurants.size());
    CHECK(o.placed >= at_minute(0));
    CHECK(o.ready >= o.placed + 5min);
  }
  CHECK(day.last_placement() <= at_minute(210));
  for (const auto& p : day.partners) CHECK(p.off > p.on + 60min);
}

TEST_CASE("the evening has a rush") {
  const auto day = generate_city(1);
  const auto placed_within = [&](double from, double to) {
    return std::count_if(day.orders.begin(), day.orders.end(), [&](const order_demand& o) {
      return o.placed >= at_minute(from) && o.placed < at_minute(to);
    });
  };
  CHECK(placed_within(75, 140) > 2 * placed_within(0, 65));
  CHECK(placed_within(0, 65) > 0);
}

TEST_CASE("sending the nearest idle partner at once serves the city with ease") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto day = generate_city(seed);
    const auto result = measure(day, serve_by_nearest(day));
    CHECK(result.delivered == 240);
    CHECK(*result.click_to_door < 35);
  }
}
