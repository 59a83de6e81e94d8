#include "bench/city/platform_clock.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace dabba::city;
using namespace std::chrono_literals;

namespace {

const platform_time noon{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h};
const real_time start{1000s};

}  // namespace

TEST_CASE("platform time is the last answer and what has passed since, scaled") {
  platform_clock clock{60};
  CHECK_FALSE(clock.observe(noon, start, start));
  CHECK(clock.at(start) == noon);
  CHECK(clock.at(start + 2s) == noon + 2min);
  CHECK(clock.at(start - 1s) == noon - 1min);
}

TEST_CASE("nobody acts early: the time an answer took counts as if it were all on its way back") {
  platform_clock clock{60};
  clock.observe(noon, start, start + 10ms);
  CHECK(clock.at(start + 10ms) == noon);
}

TEST_CASE("a quicker answer improves on a slow one, a slow one does not spoil a quick one") {
  platform_clock clock{60};
  clock.observe(noon, start, start + 100ms);
  CHECK_FALSE(clock.observe(noon + 60s, start + 1s, start + 1001ms));
  CHECK(clock.at(start + 1001ms) == noon + 60s);
  CHECK_FALSE(clock.observe(noon + 120s, start + 2s, start + 5s));
  CHECK(clock.at(start + 1001ms) == noon + 60s);
}

TEST_CASE("a late answer is no jump of the clock, a clock set back is one") {
  platform_clock clock{60};
  clock.observe(noon, start, start);
  CHECK_FALSE(clock.observe(noon + 10min, start + 10s, start + 25s));
  const auto jump = clock.observe(noon, start + 30s, start + 30s);
  REQUIRE(jump);
  CHECK(*jump < -29min);
  CHECK(clock.at(start + 30s) == noon);
}

TEST_CASE("a clock set forward is followed") {
  platform_clock clock{1};
  clock.observe(noon, start, start + 1ms);
  const auto jump = clock.observe(noon + 1h, start + 1s, start + 1001ms);
  REQUIRE(jump);
  CHECK(clock.at(start + 1001ms) == noon + 1h);
}

TEST_CASE("when a time comes, it is not before it") {
  platform_clock clock{300};
  clock.observe(noon, start, start + 1ms);
  for (int i = 0; i < 10'000; ++i) {
    const auto t = noon + milliseconds{i * 7919};
    REQUIRE(clock.at(clock.when(t)) >= t);
    REQUIRE(clock.at(clock.when(t)) <= t + 10ms);
  }
}

TEST_CASE("the day counts from its minute 0") {
  platform_clock clock{60};
  clock.observe(noon, start, start);
  clock.begin_day(noon + 5min);
  CHECK(clock.day_at(start) == at_minute(-5));
  CHECK(clock.day_at(start + 10s) == at_minute(5));
  CHECK(clock.platform_of(at_minute(1)) == noon + 6min);
  CHECK(clock.day_of(noon + 6min) == at_minute(1));
}
