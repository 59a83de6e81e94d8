/// Faults 3 and 4: a process stands still, and goes on as if nothing had happened.
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/shared_cluster.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t stopped = 1;
/// Of a process that found out that it was declared dead.
constexpr int declared_dead_status = 75;

}  // namespace

TEST_CASE("fault 3: an owner that stood still past its lease writes nothing when it goes on, and ends within 2 s",
          "[fault-3][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  steady_load load{cluster, shared.town()};
  auto until = steady::now() + time_for_repeats();
  std::vector<double> resumed_after, ended_after;
  std::vector<std::pair<std::set<int>, steady::time_point>> stops;
  do {
    cluster.await_judge_besides({stopped});
    stops.emplace_back(cluster.shards_of(stopped), steady::now());
    cluster.signal(stopped, SIGSTOP);
    if (is_long_form()) std::this_thread::sleep_for(15s);
    CHECK(eventually(12s, [&] { return cluster.is_owned() && cluster.shards_of(stopped).empty(); }));
    auto resumed = steady::now();
    cluster.signal(stopped, SIGCONT);
    auto end = cluster.process(stopped).wait(10s);
    ended_after.push_back(seconds(steady::now() - resumed));
    REQUIRE(end);
    CHECK(end->status == declared_dead_status);
    cluster.start(stopped);
    REQUIRE(cluster.await_settled());
  } while (steady::now() < until);
  load.stop();
  for (const auto& [shards, at] : stops) {
    auto times = resume_times(load, shards, at);
    resumed_after.insert(resumed_after.end(), times.begin(), times.end());
  }
  CHECK(in_time(3, "ends after it goes on", percentile(ended_after, 1), 2));
  note_figure(3, "resume p99 of its shards", percentile(resumed_after, 0.99), "s");
  auto found = verdict(cluster, load);
  CHECK(found == std::vector<std::string>{});
  CHECK(meets(3, "violations (no stale write)", static_cast<double>(found.size()), "", exactly(0)));
}

TEST_CASE("fault 4: nothing is taken from an owner that stands still for 3 s", "[fault-4][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  steady_load load{cluster, shared.town()};
  cluster.await_judge_besides({stopped});
  auto before = cluster.mark();
  auto pid = cluster.process(stopped).pid();
  auto until = steady::now() + time_for_repeats();
  do {
    cluster.signal(stopped, SIGSTOP);
    std::this_thread::sleep_for(3s);
    cluster.signal(stopped, SIGCONT);
    std::this_thread::sleep_for(1s);
  } while (steady::now() < until);
  REQUIRE(load.goes_on(500));
  load.stop();
  CHECK(meets(4, "shards that moved", static_cast<double>(cluster.moves_since(before)), "", exactly(0)));
  CHECK(cluster.nodes_declared_dead_since(before) == 0);
  CHECK(cluster.is_running(stopped));
  CHECK(cluster.process(stopped).pid() == pid);
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
