/// The rules of membership in thousands of schedules of faults. What fails names its seed: `run_schedule` with it shows
/// the same again.
#include <catch2/catch_test_macros.hpp>

#include "tests/cluster-config/fault_script.hpp"

using namespace dabba;
using namespace dabba::simulation;

namespace {

void run_schedules(std::uint64_t first, std::uint64_t count) {
  for (auto seed = first; seed < first + count; ++seed) {
    try {
      run_schedule(seed);
    } catch (const broken_promise& e) {
      FAIL(e.what());
    }
  }
}

}  // namespace

// In three parts, which may run at once.
TEST_CASE("no schedule of faults breaks a promise, and every cluster settles: one third") { run_schedules(1, 1000); }
TEST_CASE("no schedule of faults breaks a promise, and every cluster settles: another") { run_schedules(1001, 1000); }
TEST_CASE("no schedule of faults breaks a promise, and every cluster settles: the rest") { run_schedules(2001, 1000); }
