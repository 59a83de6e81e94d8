/// Faults 9 and 10: shards move between nodes under load, and nodes die while they do.
#include <random>
#include <thread>

#include <fmt/format.h>
#include <catch2/catch_test_macros.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/shared_cluster.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;
constexpr auto most_of_drain = 20s;

load_options asked_often() {
  load_options often;
  often.between_probes = 250ms;
  return often;
}

/// What a planned change of the cluster did to the clients.
class planned_change {
 public:
  planned_change(cluster_under_test& cluster, steady_load& load) : cluster_{cluster}, load_{load} {
    before_ = cluster.mark();
    from_ = steady::now();
  }
  /// From the main thread, as soon as it is over.
  void over() {
    to_ = steady::now();
    moved_ = cluster_.moves_since(before_);
  }
  /// Once the load is stopped.
  void check(const std::string& name) const {
    CHECK(moved_ > 0);
    note_figure(9, name + ": moves", static_cast<double>(moved_), "");
    auto pauses = longest_waits(load_, from_, to_);
    note_figure(9, name + ": longest pause", percentile(pauses, 1), "s");
    CHECK(in_time(9, name + ": pause per shard p99", percentile(pauses, 0.99), 0.5));
  }

 private:
  cluster_under_test& cluster_;
  steady_load& load_;
  bookmark before_;
  std::int64_t moved_ = 0;
  steady::time_point from_;
  steady::time_point to_;
};

void check_ended_well(cluster_under_test& cluster, std::size_t node) {
  auto end = cluster.process(node).wait(most_of_drain);
  INFO(cluster.log(node));
  REQUIRE(end);
  CHECK(end->status == 0);
}

}  // namespace

TEST_CASE("fault 9: nodes are added under load, no command fails after its retry and no shard pauses for long",
          "[fault-9][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  for (std::size_t i = 1; i < nodes; ++i) {
    cluster.signal(i, SIGTERM);
    check_ended_well(cluster, i);
  }
  REQUIRE(cluster.await_settled());
  steady_load load{cluster, shared.town(), asked_often()};
  REQUIRE(load.goes_on(500));
  planned_change second{cluster, load};
  cluster.start(1);
  REQUIRE(cluster.await_settled());
  second.over();
  planned_change third{cluster, load};
  cluster.start(2);
  REQUIRE(cluster.await_settled());
  third.over();
  REQUIRE(load.goes_on(500));
  load.stop();
  second.check("second node");
  third.check("third node");
  auto found = verdict(cluster, load);
  CHECK(found == std::vector<std::string>{});
  CHECK(meets(9, "nodes added: failed commands, violations", static_cast<double>(found.size()), "", exactly(0)));
}

TEST_CASE(
    "fault 9: a node drains and all are restarted in turn, no command fails after its retry and no shard pauses "
    "for long",
    "[fault-9][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  steady_load load{cluster, shared.town(), asked_often()};
  auto before = cluster.mark();
  REQUIRE(load.goes_on(500));
  planned_change drained{cluster, load};
  cluster.drain(0);
  check_ended_well(cluster, 0);
  drained.over();
  cluster.start(0);
  REQUIRE(cluster.await_settled());
  planned_change rolled{cluster, load};
  for (std::size_t i = 0; i < nodes; ++i) {
    cluster.signal(i, SIGTERM);
    check_ended_well(cluster, i);
    cluster.start(i);
    REQUIRE(cluster.await_settled());
  }
  rolled.over();
  load.stop();
  drained.check("drain");
  rolled.check("rolling restart");
  CHECK(cluster.nodes_declared_dead_since(before) == 0);
  auto found = verdict(cluster, load);
  CHECK(found == std::vector<std::string>{});
  CHECK(meets(9, "drained, restarted: failed commands, violations", static_cast<double>(found.size()), "", exactly(0)));
}

TEST_CASE("fault 10: a node dies at some moment of a move, every shard has one owner within 5 s",
          "[fault-10][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  steady_load load{cluster, shared.town()};
  std::random_device seed;
  auto seeded = seed();
  INFO("seed " << seeded);
  std::mt19937 random{seeded};
  auto is_moving = [&] {
    return cluster.db().number("select count(*) from cluster.shard where state = 'handoff'") > 0;
  };
  std::vector<double> owned_after;
  auto until = steady::now() + time_for_repeats();
  for (int i = 0; i < 2 || steady::now() < until; ++i) {
    // One drains, or ends and comes back: then shards leave it, or come to it. Who dies may be it, or one of the
    // others, which take or give.
    std::size_t moving = random() % nodes;
    std::size_t victim = random() % nodes;
    bool comes_back = random() % 2 == 0;
    cluster.await_judge_besides({moving, victim});
    cluster.drain(moving);
    if (comes_back) {
      REQUIRE(cluster.process(moving).wait(most_of_drain));
      REQUIRE(eventually(5s, [&] { return cluster.is_owned(); }));
      cluster.start(moving);
    }
    CHECK(eventually(10s, is_moving, 2ms));
    std::this_thread::sleep_for(milliseconds{random() % 400});
    INFO("victim " << victim << ", moving " << moving << (comes_back ? ", which comes back" : ", which drains"));
    cluster.kill(victim);
    auto killed = steady::now();
    auto has_one_owner = [&] { return cluster.is_owned() && !is_moving(); };
    CHECK(eventually(15s, has_one_owner));
    owned_after.push_back(seconds(steady::now() - killed));
    if (victim != moving && !comes_back) REQUIRE(cluster.process(moving).wait(most_of_drain));
    for (std::size_t node = 0; node < nodes; ++node)
      if (!cluster.is_running(node)) cluster.start(node);
    REQUIRE(cluster.await_settled());
  }
  load.stop();
  note_figure(10, "nodes killed within a move", static_cast<double>(owned_after.size()), "");
  CHECK(in_time(10, "every shard has one owner after", percentile(owned_after, 1), 5));
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
