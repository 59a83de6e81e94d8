#include "actors/domain/delivery_reach.hpp"

#include <rapidcheck.h>
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <numbers>

#include "protocols/model/limits.hpp"
#include "tests/protocols/samples.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

geo_point at(double north, double east) { return quantised({kitchen.lat_deg + north, kitchen.lon_deg + east}); }

delivery_area polygon(std::vector<geo_point> corners) { return {{}, std::move(corners)}; }

/// The winding number by angles, in floating point: another road to the same answer for points off the sides.
bool winds_around(const std::vector<geo_point>& corners, geo_point p) {
  double sum = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    auto a = corners[i];
    auto b = corners[(i + 1) % corners.size()];
    auto angle = [&](geo_point x) { return std::atan2(x.lat_deg - p.lat_deg, x.lon_deg - p.lon_deg); };
    sum += std::remainder(angle(b) - angle(a), 2 * std::numbers::pi);
  }
  return std::abs(sum) > std::numbers::pi;
}

/// Corners around a middle, each further along: never crosses itself.
std::vector<geo_point> some_star() {
  std::vector<geo_point> out;
  auto count = *rc::gen::inRange(3, 20);
  for (int i = 0; i < count; ++i) {
    auto angle = 2 * std::numbers::pi * i / count;
    auto radius = *rc::gen::inRange(100, 1000) / 5000.0;
    out.push_back(at(radius * std::sin(angle), radius * std::cos(angle)));
  }
  return out;
}

}  // namespace

TEST_CASE("a circle reaches as far as its radius") {
  delivery_area five{metres{5000}, {}};
  CHECK(is_valid(five, kitchen));
  CHECK(reaches(five, kitchen, kitchen));
  CHECK(reaches(five, kitchen, north_of(kitchen, 4999)));
  CHECK_FALSE(reaches(five, kitchen, north_of(kitchen, 5001)));
}

TEST_CASE("a polygon holds what is within it and on its sides") {
  auto square = polygon({at(0, 0), at(0, 0.1), at(0.1, 0.1), at(0.1, 0)});
  REQUIRE(is_valid(square, kitchen));
  CHECK(reaches(square, kitchen, at(0.05, 0.05)));
  CHECK(reaches(square, kitchen, at(0, 0.05)));
  CHECK(reaches(square, kitchen, at(0.1, 0.1)));
  CHECK_FALSE(reaches(square, kitchen, at(0.05, 0.1000001)));
  CHECK_FALSE(reaches(square, kitchen, at(-0.0000001, 0.05)));
  CHECK_FALSE(reaches(square, kitchen, {-kitchen.lat_deg, kitchen.lon_deg - 180}));
}

TEST_CASE("a polygon with a dent does not hold the dent") {
  auto dented = polygon({at(0, 0), at(0, 0.1), at(0.02, 0.05), at(0.1, 0.1), at(0.1, 0)});
  REQUIRE(is_valid(dented, kitchen));
  CHECK(reaches(dented, kitchen, at(0.05, 0.02)));
  CHECK_FALSE(reaches(dented, kitchen, at(0.02, 0.09)));
}

TEST_CASE("a polygon may lie across the line where longitudes begin anew") {
  geo_point taveuni{-16.8, 179.99};
  std::vector<geo_point> corners{{-16.9, 179.9}, {-16.9, -179.9}, {-16.7, -179.9}, {-16.7, 179.9}};
  for (std::size_t first = 0; first < corners.size(); ++first) {
    INFO("from corner " << first);
    auto area = polygon(corners);
    REQUIRE(is_valid(area, taveuni));
    CHECK(reaches(area, taveuni, {-16.8, 180}));
    CHECK(reaches(area, taveuni, {-16.8, -180}));
    CHECK(reaches(area, taveuni, {-16.8, 179.95}));
    CHECK(reaches(area, taveuni, {-16.8, -179.95}));
    CHECK_FALSE(reaches(area, taveuni, {-16.8, 179.85}));
    CHECK_FALSE(reaches(area, taveuni, {-16.8, -179.85}));
    CHECK_FALSE(reaches(area, taveuni, {-16.8, 0}));
    std::ranges::rotate(corners, corners.begin() + 1);
  }
}

TEST_CASE("what is no area is refused") {
  CHECK_FALSE(is_valid({}, kitchen));
  CHECK_FALSE(is_valid({metres{0}, {}}, kitchen));
  CHECK_FALSE(is_valid({metres{limits::area_metres + 1}, {}}, kitchen));
  CHECK_FALSE(is_valid({metres{5000}, {at(0, 0), at(0, 1), at(1, 0)}}, kitchen));
  CHECK_FALSE(is_valid(polygon({at(0, 0), at(0, 0.1)}), kitchen));
  CHECK_FALSE(is_valid(polygon({at(0, 0), at(0, 0.1), at(3, 0)}), kitchen));  // too far
  SECTION("crossed") { CHECK_FALSE(is_valid(polygon({at(0, 0), at(0.1, 0.1), at(0, 0.1), at(0.1, 0)}), kitchen)); }
  SECTION("a line") { CHECK_FALSE(is_valid(polygon({at(0, 0), at(0, 0.1), at(0, 0.2)}), kitchen)); }
  SECTION("there and back") {
    CHECK_FALSE(is_valid(polygon({at(0, 0), at(0, 0.2), at(0, 0.1), at(0.1, 0.1)}), kitchen));
  }
  SECTION("a corner twice") {
    CHECK_FALSE(is_valid(polygon({at(0, 0), at(0, 0.1), at(0.1, 0.1), at(0, 0.1)}), kitchen));
    CHECK_FALSE(is_valid(polygon({at(0, 0), at(0, 0), at(0, 0.1), at(0.1, 0.1)}), kitchen));
  }
  SECTION("a corner on another side") {
    CHECK_FALSE(is_valid(polygon({at(0, 0), at(0, 0.2), at(0.1, 0.2), at(0, 0.1), at(0.1, 0)}), kitchen));
  }
  SECTION("too many corners") {
    std::vector<geo_point> many;
    for (std::size_t i = 0; i <= limits::area_corners; ++i) {
      auto angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(limits::area_corners + 1);
      many.push_back(at(0.1 * std::sin(angle), 0.1 * std::cos(angle)));
    }
    CHECK_FALSE(is_valid(polygon(many), kitchen));
    many.pop_back();
    CHECK(is_valid(polygon(many), kitchen));
  }
  SECTION("around the pole") {
    geo_point pole{89.99, 0};
    CHECK_FALSE(is_valid(polygon({{89.9, 0}, {89.9, 120}, {89.9, -120}}), pole));
  }
}

TEST_CASE("a polygon holds what its corners wind around, from whichever corner and in whichever direction it is told") {
  CHECK(rc::check([] {
    auto corners = some_star();
    auto area = polygon(corners);
    RC_ASSERT(is_valid(area, kitchen));
    auto p =
        at(*rc::gen::inRange(-3000, 3000) / 10'000.0 + 0.00003, *rc::gen::inRange(-3000, 3000) / 10'000.0 + 0.00007);
    auto inside = reaches(area, kitchen, p);
    RC_ASSERT(inside == winds_around(corners, p));
    std::rotate(corners.begin(), corners.begin() + 1, corners.end());
    RC_ASSERT(reaches(polygon(corners), kitchen, p) == inside);
    std::ranges::reverse(corners);
    RC_ASSERT(reaches(polygon(corners), kitchen, p) == inside);
  }));
}
