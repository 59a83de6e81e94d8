#include "protocols/model/geo.hpp"

#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>

using namespace dabba;
using Catch::Matchers::WithinAbs;

// The expected distances are the vector formula's (atan2 of cross and dot product) on the same sphere.
TEST_CASE("distances are those of the great circle") {
  CHECK_THAT(distance({51.5074, -0.1278}, {48.8566, 2.3522}).value, WithinAbs(343'556.535, 0.01));
  CHECK_THAT(distance({12.9716, 77.5946}, {12.9716, 77.6038}).value, WithinAbs(996.889, 0.001));
  CHECK_THAT(distance({0, 0}, {0, 1}).value, WithinAbs(111'195.080, 0.001));
}

TEST_CASE("the shortest way crosses the 180th meridian") {
  CHECK_THAT(distance({0, 179.995}, {0, -179.995}).value, WithinAbs(1111.951, 0.001));
  CHECK_THAT(distance({-17.8, 180}, {-17.8, -180}).value, WithinAbs(0, 1e-6));
}

TEST_CASE("poles and antipodes are half the earth apart, never not-a-number") {
  CHECK_THAT(distance({90, 0}, {-90, 0}).value, WithinAbs(20'015'114.442, 0.01));
  CHECK_THAT(distance({10, 20}, {-10, -160}).value, WithinAbs(20'015'114.442, 0.5));
  CHECK_THAT(distance({90, 0}, {90, 123}).value, WithinAbs(0, 1e-6));
}

TEST_CASE("distance is symmetric, zero to itself, and obeys the triangle") {
  auto point = [] {
    return geo_point{*rc::gen::inRange(-900'000, 900'001) / 1e4, *rc::gen::inRange(-1'800'000, 1'800'001) / 1e4};
  };
  CHECK(rc::check([&] {
    auto a = point();
    auto b = point();
    auto c = point();
    RC_ASSERT(distance(a, a).value == 0);
    RC_ASSERT(std::abs(distance(a, b).value - distance(b, a).value) < 1e-6);
    RC_ASSERT(distance(a, c).value <= distance(a, b).value + distance(b, c).value + 1e-3);
  }));
}

TEST_CASE("only positions on the earth are valid") {
  auto nan = std::numeric_limits<double>::quiet_NaN();
  auto inf = std::numeric_limits<double>::infinity();
  CHECK(geo_point{90, 180}.is_valid());
  CHECK(geo_point{-90, -180}.is_valid());
  for (auto bad : {geo_point{90.0001, 0}, geo_point{0, 180.0001}, geo_point{nan, 0}, geo_point{0, nan},
                   geo_point{inf, 0}, geo_point{0, -inf}})
    CHECK_FALSE(bad.is_valid());
}

TEST_CASE("quantising moves a position by less than a centimetre, and only once") {
  CHECK(rc::check([] {
    geo_point x{*rc::gen::inRange<std::int64_t>(-90'000'000'000, 90'000'000'001) / 1e9,
                *rc::gen::inRange<std::int64_t>(-180'000'000'000, 180'000'000'001) / 1e9};
    auto once = quantised(x);
    RC_ASSERT(distance(x, once).value < 0.01);
    RC_ASSERT(quantised(once) == once);
    RC_ASSERT(once.is_valid());
  }));
}
