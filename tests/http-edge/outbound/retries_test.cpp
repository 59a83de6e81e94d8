/// Pauses between attempts.
#include "http-edge/outbound/retries.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace dabba::outbound;
using namespace std::chrono_literals;

TEST_CASE("pauses double up to the longest, and chance takes its share of each") {
  retry_terms terms{.attempts = 9, .first = 100ms, .longest = 1'000ms};
  constexpr double nearly = 0.999999;
  CHECK(pause_before(terms, 1, nearly) == 99ms);
  CHECK(pause_before(terms, 2, nearly) == 199ms);
  CHECK(pause_before(terms, 4, nearly) == 799ms);
  CHECK(pause_before(terms, 5, nearly) == 999ms);
  CHECK(pause_before(terms, 1'000'000, nearly) == 999ms);
  CHECK(pause_before(terms, 3, 0.5) == 200ms);
  CHECK(pause_before(terms, 3, 0) == 0ms);
}
