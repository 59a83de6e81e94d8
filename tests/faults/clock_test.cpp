/// Fault 17: the wall clock of one node is wrong.
#include <cstdlib>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

/// The time of day in a node's last log line, in seconds.
double logged_time(const std::string& log) {
  auto at = log.rfind("\"at\":\"");
  int hours = 0, minutes = 0, seconds = 0;
  REQUIRE(at != std::string::npos);
  REQUIRE(std::sscanf(log.c_str() + at + 17, "%d:%d:%d", &hours, &minutes, &seconds) == 3);
  return hours * 3600 + minutes * 60 + seconds;
}

double hours_apart(double a, double b) {
  double apart = std::abs(a - b) / 3600;
  return std::min(apart, 24 - apart);
}

}  // namespace

TEST_CASE("fault 17: the wall clock of one node is an hour fast and that of another an hour slow, and nothing changes",
          "[fault-17]") {
  cluster_under_test cluster{1};
  for (const char* shift : {"3600", "-3600"}) {
    node_setup setup;
    setup.environment = {"LD_PRELOAD=" DABBA_SHIFTED_CLOCK, std::string{"DABBA_CLOCK_SHIFT_SECONDS="} + shift};
    cluster.start(cluster.add(setup));
  }
  REQUIRE(cluster.await_settled());
  auto right = logged_time(cluster.log(0));
  for (std::size_t node : {1U, 2U}) CHECK(hours_apart(right, logged_time(cluster.log(node))) > 0.9);

  steady_load load{cluster, open_kitchens(cluster, 24)};
  auto before = cluster.mark();
  std::this_thread::sleep_for(std::max<steady::duration>(3s, time_for_repeats()));
  CHECK(meets(17, "shards that moved", static_cast<double>(cluster.moves_since(before)), "", exactly(0)));
  CHECK(cluster.nodes_declared_dead_since(before) == 0);
  auto off = cluster.db().number(
      "select coalesce(max(abs(extract(epoch from at - lag)))::bigint, 0) from (select at, lag(at) over (partition by "
      "shard order by position) as lag from ordering.journal) each");
  CHECK(meets(17, "most between two events of a shard", static_cast<double>(off), "s", at_most(60)));
  // With their clocks wrong they see a death as soon as others do.
  cluster.await_judge_besides({0});
  auto affected = cluster.shards_of(0);
  auto killed = steady::now();
  cluster.kill(0);
  CHECK(eventually(15s, [&] { return cluster.is_owned(); }));
  CHECK(load.goes_on(500));
  load.stop();
  CHECK(all_in_time(17, "after a kill: resume", resume_times(load, affected, killed), 2));
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
