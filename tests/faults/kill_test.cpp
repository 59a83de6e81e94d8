/// Faults 1 and 2: processes are killed, one or all.
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/shared_cluster.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;
constexpr std::size_t kitchens = 24;

struct killing {
  std::set<int> affected;
  steady::time_point at;
};

/// Kills one node after the other under load; each is replaced before the next one dies.
std::vector<killing> kill_again_and_again(cluster_under_test& cluster, steady_load& load, int times) {
  std::vector<killing> killings;
  std::mt19937 random{3};
  auto until = steady::now() + time_for_repeats();
  for (int i = 0; i < times || steady::now() < until; ++i) {
    auto victim = random() % nodes;
    cluster.await_judge_besides({victim});
    REQUIRE(load.goes_on(100));
    auto affected = cluster.shards_of(victim);
    killings.push_back({std::move(affected), steady::now()});
    cluster.kill(victim);
    CHECK(eventually(15s, [&] { return cluster.is_owned(); }));
    std::this_thread::sleep_for(700ms);  // every shard has been asked
    cluster.start(victim);
    REQUIRE(cluster.await_settled());
  }
  load.stop();
  return killings;
}

/// Of all the shards that lost their owner.
std::vector<double> resume_times(const steady_load& load, const std::vector<killing>& killings) {
  std::vector<double> all;
  for (const auto& each : killings) {
    auto times = resume_times(load, each.affected, each.at);
    all.insert(all.end(), times.begin(), times.end());
  }
  return all;
}

}  // namespace

TEST_CASE("fault 1: of three nodes one is killed again and again, its shards are served elsewhere within 2 s",
          "[fault-1][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  steady_load load{cluster, shared.town()};
  auto killings = kill_again_and_again(cluster, load, 2);
  note_figure(1, "by the lock: nodes killed", static_cast<double>(killings.size()), "");
  CHECK(all_in_time(1, "by the lock: resume", resume_times(load, killings), 2));
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

TEST_CASE("fault 1: without advisory locks the shards of a killed node are served elsewhere within 8 s", "[fault-1]") {
  cluster_under_test cluster{nodes, {"--lock-free"}};
  steady_load load{cluster, open_kitchens(cluster, kitchens)};
  auto killings = kill_again_and_again(cluster, load, 1);
  note_figure(1, "by the lease: nodes killed", static_cast<double>(killings.size()), "");
  CHECK(all_in_time(1, "by the lease: resume", resume_times(load, killings), 8));
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

TEST_CASE("fault 2: all nodes are killed, every open order and every deadline is served within 15 s of their restart",
          "[fault-2]") {
  // A platform minute is three real seconds: the deadlines of what was placed before pass while nobody is there.
  cluster_under_test cluster{nodes, {"--clock-scale", "20", "--accept-minutes", "1"}};
  load_options orders_stay;
  orders_stay.cancelled_share = 0;
  auto overdue = [&] {
    return cluster.db().number(
        "select count(*) from ordering.order_head, cluster.cluster where open and deadline < clock_platform_anchor + "
        "(clock_timestamp() - clock_real_anchor) * clock_scale - interval '20 seconds'");
  };
  auto town = open_kitchens(cluster, kitchens);
  auto until = steady::now() + time_for_repeats();
  do {
    steady_load load{cluster, town, orders_stay};
    std::this_thread::sleep_for(2s);
    REQUIRE(load.goes_on(500));
    for (std::size_t i = 0; i < nodes; ++i) cluster.kill(i);
    CHECK(eventually(5s, [&] { return overdue() > 0; }));
    auto restarted = steady::now();
    for (std::size_t i = 0; i < nodes; ++i) cluster.start(i);
    CHECK(eventually(30s, [&] { return cluster.is_owned() && overdue() == 0; }));
    CHECK(in_time(2, "no deadline is overdue any more", seconds(steady::now() - restarted), 15));
    REQUIRE(cluster.await_settled());
    REQUIRE(load.goes_on(500));
    load.stop();
    std::set<int> all;
    for (int shard = 0; shard < 256; ++shard) all.insert(shard);
    auto resumed = resume_times(load, all, restarted);
    CHECK(in_time(2, "every shard is served again", percentile(resumed, 1), 15));
    CHECK(verdict(cluster, load) == std::vector<std::string>{});
  } while (steady::now() < until);
}

}  // namespace dabba::fault_tests
