#include "actors/domain/dispatch/partner_index.hpp"

#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <map>

#include "tests/protocols/samples.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

struct scattered {
  partner_index index;
  std::map<partner_id, geo_point> places;

  void put(std::uint64_t n, geo_point at) {
    index.put(nth<partner_id>(n), at);
    places[nth<partner_id>(n)] = at;
  }
};

double wrapped(double lon_deg) {
  if (lon_deg > 180) return lon_deg - 360;
  return lon_deg < -180 ? lon_deg + 360 : lon_deg;
}

/// A point within about `reach` metres of `centre`, on whichever side of a pole or of the 180th meridian that is.
geo_point near(geo_point centre, double reach) {
  auto part = [] { return *rc::gen::inRange(-1'000'000, 1'000'001) / 1e6; };
  auto lat = centre.lat_deg + part() * reach / metres_per_degree;
  auto squeeze = std::max(0.001, std::cos(lat * 3.14159265358979 / 180));
  auto lon = centre.lon_deg + std::clamp(part() * reach / metres_per_degree / squeeze, -180.0, 180.0);
  if (lat > 90) lat = 180 - lat, lon += 180;
  if (lat < -90) lat = -180 - lat, lon += 180;
  return {lat, wrapped(lon)};
}

/// Distances are compared, not ids: of two equally far either may be first.
void expect_same_as_looking_at_everybody(const scattered& all, geo_point centre, metres radius, std::size_t count,
                                         bool (*wanted)(partner_id)) {
  std::vector<double> expected;
  for (const auto& [id, at] : all.places)
    if (wanted(id) && distance(centre, at) <= radius) expected.push_back(distance(centre, at).value);
  std::ranges::sort(expected);
  if (expected.size() > count) expected.resize(count);
  std::vector<double> found;
  for (const auto& x : all.index.nearest(centre, radius, count, wanted)) {
    RC_ASSERT(x.distance_m == distance(centre, all.places.at(x.partner)));
    RC_ASSERT(wanted(x.partner));
    found.push_back(x.distance_m.value);
  }
  RC_ASSERT(found == expected);
}

bool anybody(partner_id) { return true; }
bool every_second(partner_id x) { return x.value.bytes[15] % 2 == 0; }

void compare_around(geo_point centre) {
  scattered all;
  auto partners = *rc::gen::inRange<std::uint64_t>(0, 400);
  auto spread = *rc::gen::element(500.0, 5'000.0, 50'000.0);
  for (std::uint64_t i = 0; i < partners; ++i) all.put(i, near(centre, spread));
  auto moves = partners == 0 ? 0 : *rc::gen::inRange(0, 100);
  for (int i = 0; i < moves; ++i) all.put(*rc::gen::inRange<std::uint64_t>(0, partners), near(centre, spread));
  for (std::uint64_t i = 0; i < partners; i += 7) {
    all.index.erase(nth<partner_id>(i));
    all.places.erase(nth<partner_id>(i));
  }
  RC_ASSERT(all.index.size() == all.places.size());
  metres radius{*rc::gen::element(100.0, 1000.0, 3000.0, 10'000.0)};
  auto count = *rc::gen::element<std::size_t>(0, 1, 3, 5, 1000);
  auto from = near(centre, spread / 2);
  expect_same_as_looking_at_everybody(all, from, radius, count, anybody);
  expect_same_as_looking_at_everybody(all, from, radius, count, every_second);
}

}  // namespace

TEST_CASE("the nearest partners are those that looking at everybody finds") {
  CHECK(rc::check("in Bengaluru", [] { compare_around(kitchen); }));
  CHECK(rc::check("on the equator and the zero meridian", [] { compare_around({0, 0}); }));
  CHECK(rc::check("in Tromsø", [] { compare_around({69.65, 18.96}); }));
  CHECK(rc::check("in Longyearbyen", [] { compare_around({78.22, 15.65}); }));
  CHECK(rc::check("in Ushuaia", [] { compare_around({-54.8, -68.3}); }));
}

TEST_CASE("a search reaches across the 180th meridian") {
  CHECK(rc::check("in Taveuni, east of it", [] { compare_around({-16.8, -179.97}); }));
  CHECK(rc::check("in Taveuni, west of it", [] { compare_around({-16.8, 179.99}); }));
  CHECK(rc::check("in Chukotka", [] { compare_around({68.9, 179.4}); }));
}

TEST_CASE("a search reaches across a pole") {
  CHECK(rc::check("north", [] { compare_around({89.99, 30}); }));
  CHECK(rc::check("south", [] { compare_around({-89.95, -170}); }));
}

TEST_CASE("a crowd in one place is searched without missing anybody") {
  scattered all;
  for (std::uint64_t i = 0; i < 5000; ++i) all.put(i, north_of(kitchen, static_cast<double>(i % 50)));
  auto found = all.index.nearest(kitchen, {1000}, 100, anybody);
  REQUIRE(found.size() == 100);
  for (const auto& x : found) CHECK(x.distance_m.value < 1.5);
}

TEST_CASE("a partner is where it was last seen, and nowhere after it left") {
  partner_index index;
  auto id = nth<partner_id>(1);
  CHECK_FALSE(index.position(id));
  index.put(id, kitchen);
  auto away = north_of(kitchen, 4000);
  index.put(id, away);
  CHECK(index.position(id) == away);
  CHECK(index.nearest(kitchen, {3000}, 5, anybody).empty());
  CHECK(index.nearest(away, {10}, 5, anybody).size() == 1);
  index.erase(id);
  index.erase(id);
  CHECK_FALSE(index.position(id));
  CHECK(index.size() == 0);
  CHECK(index.nearest(away, {10}, 5, anybody).empty());
}

TEST_CASE("a radius includes whoever is exactly on it") {
  partner_index index;
  auto at = north_of(kitchen, 3000);
  index.put(nth<partner_id>(1), at);
  CHECK(index.nearest(kitchen, distance(kitchen, at), 1, anybody).size() == 1);
  CHECK(index.nearest(kitchen, {distance(kitchen, at).value - 0.001}, 1, anybody).empty());
}
