#include "bench/city/day_time.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace dabba::city;

TEST_CASE("a platform time survives its text") {
  const auto t = from_rfc3339("2026-03-01T11:00:00.250Z");
  REQUIRE(t);
  CHECK(to_rfc3339(*t) == "2026-03-01T11:00:00.250Z");
  CHECK(to_rfc3339(*t + std::chrono::hours{24}) == "2026-03-02T11:00:00.250Z");
}

TEST_CASE("a fraction may be absent, shorter or longer than milliseconds") {
  CHECK(to_rfc3339(*from_rfc3339("2026-03-01T11:00:00Z")) == "2026-03-01T11:00:00.000Z");
  CHECK(to_rfc3339(*from_rfc3339("2026-03-01T11:00:00.5Z")) == "2026-03-01T11:00:00.500Z");
  CHECK(to_rfc3339(*from_rfc3339("2026-03-01T11:00:00.123456Z")) == "2026-03-01T11:00:00.123Z");
}

TEST_CASE("what is no time is refused") {
  for (const char* text : {"", "now", "2026-03-01 11:00:00Z", "2026-13-01T11:00:00Z", "2026-02-30T11:00:00Z",
                           "2026-03-01T25:00:00Z", "2026-03-01T11:00:00.Z", "2026-03-01T11:00:00+05:30"})
    CHECK_FALSE(from_rfc3339(text));
}

TEST_CASE("minutes of the day become exact milliseconds") {
  CHECK(at_minute(1.5).time_since_epoch() == milliseconds{90'000});
  CHECK(at_minute(743).time_since_epoch() == milliseconds{743LL * 60'000});
  CHECK(minute_of(at_minute(0.1)) == 0.1);
}

TEST_CASE("a clock face shows hours and minutes, and a sign before the day") {
  CHECK(clock_face(at_minute(462.9)) == "07:42");
  CHECK(clock_face(at_minute(-1)) == "-00:01");
}
