/// Fault 12: nearly everybody wants the same thing.
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/shared_cluster.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("fault 12: one shard gets nine tenths of the traffic, the others answer no later than twice as late",
          "[fault-12][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  const auto& town = shared.town();
  load_options even;
  even.has_probes = false;
  even.buyers = 24;
  even.between_orders = 20ms;
  even.cancelled_share = 0;
  auto hot = even;
  hot.share_of_first_kitchen = 0.9;
  const auto span = std::max<steady::duration>(2s, time_for_repeats() / 4);
  // In turn, so that what else the machine does falls on both.
  std::vector<double> before, during;
  std::size_t all = 0;
  for (int i = 0; i < 4; ++i) {
    bool is_hot = i % 2 == 1;
    auto from = steady::now();
    steady_load load{cluster, town, is_hot ? hot : even};
    std::this_thread::sleep_for(span);
    load.stop();
    auto others = waits(load, from + 500ms, steady::now(), town.front().shard);
    auto& into = is_hot ? during : before;
    into.insert(into.end(), others.begin(), others.end());
    if (is_hot) all += load.acknowledged().size();
    CHECK(verdict(cluster, load) == std::vector<std::string>{});
  }
  CHECK(during.size() > 100);
  note_figure(12, "acknowledged", static_cast<double>(all) / seconds(2 * span), "/s");
  note_figure(12, "share of the hot shard", 1 - static_cast<double>(during.size()) / static_cast<double>(all), "");
  note_figure(12, "others' p99 before", percentile(before, 0.99), "s");
  note_figure(12, "others' p99 during", percentile(during, 0.99), "s");
  auto ratio = percentile(during, 0.99) / percentile(before, 0.99);
  CHECK(meets(12, "others' p99, during by before", ratio, "", at_most(2), at_most(6)));
}

}  // namespace dabba::fault_tests
