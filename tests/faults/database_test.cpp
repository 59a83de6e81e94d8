/// Faults 7 and 8: the database crashes, is away, or loses connections at the worst moment.
#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <catch2/catch_test_macros.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/shared_cluster.hpp"
#include "tests/faults/support/verdict.hpp"
#include "tests/persistence/proxy.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;
using tests::proxy;
using tests::relay;

constexpr std::size_t nodes = 3;
constexpr auto recovery_time = 5s;
/// What can't be written is queued for so long, and then refused.
constexpr double store_patience = 2;
constexpr double slack = 0.5;
constexpr double tolerated_growth_mib = 64;

long most_resident_kib(cluster_under_test& cluster) {
  long most = 0;
  for (std::size_t i = 0; i < nodes; ++i) most = std::max(most, cluster.process(i).resident_kib());
  return most;
}

void check_outage(milliseconds away, const std::string& name) {
  shared_cluster shared;
  auto& cluster = *shared;
  load_options patient;
  patient.patience += away;
  steady_load load{cluster, shared.town(), patient};
  cluster.await_judge_besides({});
  REQUIRE(load.goes_on(500));
  auto before = cluster.mark();
  auto resident = most_resident_kib(cluster);

  cluster.stop_database();
  std::this_thread::sleep_for(away);
  auto grown = static_cast<double>(most_resident_kib(cluster) - resident) / 1024;
  cluster.start_database();
  auto back = steady::now();
  CHECK(load.goes_on(300, is_long_form() ? recovery_time : 3 * recovery_time));
  std::this_thread::sleep_until(back + recovery_time + 1s);
  load.stop();

  CHECK(meets(7, name + ": nodes declared dead", static_cast<double>(cluster.nodes_declared_dead_since(before)), "",
              exactly(0)));
  for (std::size_t i = 0; i < nodes; ++i) CHECK(cluster.is_running(i));
  CHECK(cluster.moves_since(before) <= 256);  // an unknown outcome raises an epoch; nothing changes its owner
  CHECK(in_time(7, name + ": last refusal after", load.last_refusal_after(back), seconds(recovery_time)));
  auto unanswered = load.answers().contains(0) ? load.answers().at(0) : 0;
  CHECK(meets(7, name + ": without an answer", static_cast<double>(unanswered), "", exactly(0)));
  CHECK(in_time(7, name + ": longest wait for a 503", load.longest_refusal(), store_patience + slack));
  CHECK(meets(7, name + ": memory grown by", grown, "MiB", at_most(tolerated_growth_mib)));
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

/// Cuts one in so many of the pieces that carry a COMMIT, each time in another way.
class commit_cutter {
 public:
  explicit commit_cutter(int one_in) : one_in_{one_in} {}

  relay judge(std::string_view piece) {
    using namespace std::string_view_literals;
    if (!is_on || piece.find("\0commit\0"sv) == std::string_view::npos || ++seen_ % one_in_ != 0) return relay::pass;
    // A connection that is held costs a thread until the end.
    constexpr std::array ways{relay::cut_after_answer, relay::cut_after_answer, relay::cut, relay::cut_then_pass};
    return ways[static_cast<std::size_t>(cuts++) % ways.size()];
  }

  std::atomic<bool> is_on{false};
  std::atomic<int> cuts{0};

 private:
  int one_in_;
  int seen_ = 0;
};

}  // namespace

TEST_CASE("fault 7: PostgreSQL crashes and restarts, clients see only 503s and no node is declared dead",
          "[fault-7][shared]") {
  check_outage(0ms, "restart");
}

TEST_CASE("fault 7: PostgreSQL is away for a while, clients see only 503s and no node is declared dead",
          "[fault-7][shared]") {
  check_outage(is_long_form() ? 60s : 8s, "away");
}

TEST_CASE("fault 8: the connection breaks between COMMIT and its answer, every outcome is found out", "[fault-8]") {
  cluster_under_test cluster{0};
  commit_cutter cutter{15};
  proxy between{cluster.database_port(), [&](std::string_view piece) { return cutter.judge(piece); }};
  node_setup setup;
  setup.database = cluster.database_through(between.port());
  for (std::size_t i = 0; i < nodes; ++i) cluster.start(cluster.add(setup));
  REQUIRE(cluster.await_settled());
  auto town = open_kitchens(cluster, 24);
  steady_load load{cluster, town};
  cutter.is_on = true;
  std::this_thread::sleep_for(std::max<steady::duration>(4s, time_for_repeats()));
  cutter.is_on = false;
  REQUIRE(load.goes_on(100));
  load.stop();
  note_figure(8, "connections broken at COMMIT", cutter.cuts.load(), "");
  CHECK(cutter.cuts >= 10);
  for (std::size_t i = 0; i < nodes; ++i) CHECK(cluster.is_running(i));
  auto found = verdict(cluster, load);
  CHECK(found == std::vector<std::string>{});
  CHECK(meets(8, "violations", static_cast<double>(found.size()), "", exactly(0)));
}

}  // namespace dabba::fault_tests
