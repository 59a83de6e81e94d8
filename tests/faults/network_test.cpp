/// Faults 5 and 6: nodes that can't reach each other, or their database.
#include <map>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <catch2/catch_test_macros.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/link_relay.hpp"
#include "tests/faults/support/private_network.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;

/// Of a process that found out that it was declared dead.
constexpr int declared_dead_status = 75;

struct lost_packets {
  std::uint16_t port;
  lost which;
};

/// Three nodes, each with a way to the database of its own, in a network in which packets can be lost.
class torn_cluster {
 public:
  torn_cluster() : cluster{0} {
    for (std::size_t i = 0; i < nodes; ++i) {
      ways_to_database_.push_back(std::make_unique<link_relay>("127.0.0.1", 0, cluster.database_port()));
      cluster_ports_.push_back(system_tests::free_port());
      node_setup setup;
      setup.database = cluster.database_through(ways_to_database_[i]->port());
      setup.flags = {"--cluster-listen", fmt::format("127.0.0.1:{}", cluster_ports_[i])};
      cluster.start(cluster.add(setup));
      // One after the other: of two nodes the one that started later dials.
      REQUIRE(cluster.await_settled());
    }
    town_ = open_kitchens(cluster, 24);
  }

  /// Loses what is said, waits until the others serve the shards of one of the suspects, heals the network, and has
  /// that one back.
  void tear(const std::string& name, const std::set<std::size_t>& suspects, const std::vector<lost_packets>& loss) {
    INFO(name);
    steady_load load{cluster, town_};
    cluster.await_judge_besides(suspects);
    REQUIRE(load.goes_on(100));
    std::map<std::size_t, std::set<int>> shards;
    for (auto each : suspects) shards[each] = cluster.shards_of(each);
    auto before = cluster.mark();
    auto torn = steady::now();
    for (const auto& each : loss) network.lose(each.port, each.which);
    std::optional<std::size_t> victim;
    auto served_elsewhere = [&] {
      for (auto each : suspects)
        if (cluster.shards_of(each).empty()) victim = each;
      return victim && cluster.is_owned();
    };
    CHECK(eventually(20s, served_elsewhere));
    std::this_thread::sleep_for(2s);
    CHECK(meets(5, name + ": most moves of a shard", static_cast<double>(cluster.most_moves_of_a_shard_since(before)),
                "", at_most(2)));
    CHECK(meets(5, name + ": nodes declared dead", static_cast<double>(cluster.nodes_declared_dead_since(before)), "",
                exactly(1)));
    network.heal();
    REQUIRE(victim);
    auto end = cluster.process(*victim).wait(10s);
    CHECK((end && end->status == declared_dead_status));
    if (!end) cluster.kill(*victim);
    cluster.start(*victim);
    REQUIRE(cluster.await_settled());
    REQUIRE(load.goes_on(300));
    load.stop();
    CHECK(in_time(5, name + ": resume p99", percentile(resume_times(load, shards[*victim], torn), 0.99), 10));
    CHECK(verdict(cluster, load) == std::vector<std::string>{});
  }

  /// What is said to the node by those that called it, which are the nodes that started after it; and what it says.
  [[nodiscard]] lost_packets to_node(std::size_t node) const { return {cluster_ports_[node], lost::to_port}; }
  [[nodiscard]] lost_packets from_node(std::size_t node) const { return {cluster_ports_[node], lost::from_port}; }
  /// What the node asks PostgreSQL; and what it is answered.
  [[nodiscard]] lost_packets questions_of(std::size_t node) const {
    return {ways_to_database_[node]->port(), lost::to_port};
  }
  [[nodiscard]] lost_packets answers_to(std::size_t node) const {
    return {ways_to_database_[node]->port(), lost::from_port};
  }

  private_network network;
  cluster_under_test cluster;

 private:
  std::vector<kitchen> town_;
  std::vector<std::unique_ptr<link_relay>> ways_to_database_;
  std::vector<std::uint16_t> cluster_ports_;
};

void skip_without_namespaces() {
  if (const char* problem = private_network::problem()) SKIP("fault 5 needs a network namespace: " << problem);
}

}  // namespace

TEST_CASE("fault 5: a node that is cut off from its peers, or from PostgreSQL, loses its shards within 10 s",
          "[fault-5]") {
  skip_without_namespaces();
  torn_cluster torn;
  torn.tear("from its peers", {0}, {torn.to_node(0), torn.from_node(0)});
  torn.tear("from PostgreSQL", {1}, {torn.questions_of(1), torn.answers_to(1)});
}

TEST_CASE("fault 5: packets are lost in one direction only, and one node loses its shards within 10 s",
          "[fault-5][long]") {
  skip_without_namespaces();
  if (!is_long_form()) SKIP("in the long form only: scripts/faults.sh --only 5");
  torn_cluster torn;
  // Each node that comes back is the youngest: the oldest is always the next one, which all others have called.
  torn.tear("hears its peers, is not heard", {0}, {torn.from_node(0)});
  torn.tear("is heard, does not hear its peers", {1}, {torn.to_node(1)});
  torn.tear("PostgreSQL does not hear it", {2}, {torn.questions_of(2)});
  torn.tear("it does not hear PostgreSQL", {0}, {torn.answers_to(0)});
  // The middle one of three was called by the youngest alone.
  torn.tear("one of a pair does not hear the other", {2, 0}, {torn.to_node(2)});
}

TEST_CASE("fault 6: a link between two nodes breaks every other second, and no shard moves more than twice",
          "[fault-6]") {
  // The relay stands before the node in the middle: the one before it is dialled by it, the one after it dials it.
  auto port = system_tests::free_port();
  link_relay link{"127.0.0.2", port, port};
  cluster_under_test cluster{1};
  node_setup behind_link;
  behind_link.flags = {"--cluster-listen", fmt::format("127.0.0.1:{}", port), "--cluster-host", "127.0.0.2"};
  for (auto& setup : {behind_link, node_setup{}}) {
    cluster.start(cluster.add(setup));
    REQUIRE(cluster.await_settled());
  }
  steady_load load{cluster, open_kitchens(cluster, 24)};
  cluster.await_judge_besides({1});
  auto before = cluster.mark();
  for (auto until = steady::now() + (is_long_form() ? 60s : 8s); steady::now() < until;) {
    link.set_open(false);
    std::this_thread::sleep_for(1s);
    link.set_open(true);
    std::this_thread::sleep_for(1s);
  }
  auto most = cluster.most_moves_of_a_shard_since(before);
  REQUIRE(load.goes_on(500));
  load.stop();
  CHECK(meets(6, "most moves of a shard", static_cast<double>(most), "", at_most(2)));
  note_figure(6, "nodes declared dead", static_cast<double>(cluster.nodes_declared_dead_since(before)), "");
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
