/// Faults 5 and 6: nodes that can't reach each other, or their database.
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
    load.emplace(cluster, open_kitchens(cluster, 24));
  }

  /// Loses what is said, waits until others serve the shards of `node`, heals the network, and has the node back.
  void tear(std::size_t node, const std::string& name, const std::function<void(private_network&)>& loss) {
    cluster.await_full_term();
    auto affected = cluster.shards_of(node);
    auto before = cluster.mark();
    auto torn = steady::now();
    loss(network);
    auto served_elsewhere = [&] { return cluster.is_owned() && cluster.shards_of(node).empty(); };
    CHECK(eventually(20s, served_elsewhere));
    std::this_thread::sleep_for(2s);
    CHECK(meets(5, name + ": most moves of a shard", static_cast<double>(cluster.most_moves_of_a_shard_since(before)),
                "", at_most(2)));
    network.heal();
    auto end = cluster.process(node).wait(10s);
    CHECK((end && end->status == 75));
    if (!end) cluster.kill(node);
    cluster.start(node);
    REQUIRE(cluster.await_settled());
    REQUIRE(load->goes_on(300));
    load->stop();
    CHECK(meets(5, name + ": resume p99", percentile(resume_times(*load, affected, torn), 0.99), "s", at_most(10)));
    CHECK(verdict(cluster, *load) == std::vector<std::string>{});
  }

  [[nodiscard]] std::uint16_t cluster_port(std::size_t node) const { return cluster_ports_[node]; }
  [[nodiscard]] std::uint16_t database_port(std::size_t node) const { return ways_to_database_[node]->port(); }

  private_network network;
  cluster_under_test cluster;
  std::optional<steady_load> load;

 private:
  std::vector<std::unique_ptr<link_relay>> ways_to_database_;
  std::vector<std::uint16_t> cluster_ports_;
};

void skip_without_namespaces() {
  if (const char* problem = private_network::problem()) SKIP("fault 5 needs a network namespace: " << problem);
}

}  // namespace

TEST_CASE("fault 5: a node that its peers can't reach, nor it them, loses its shards to them within 10 s",
          "[fault-5]") {
  skip_without_namespaces();
  torn_cluster torn;
  torn.tear(0, "from its peers", [&](private_network& network) {
    network.lose(torn.cluster_port(0), lost::to_port);
    network.lose(torn.cluster_port(0), lost::from_port);
  });
}

TEST_CASE("fault 5: a node that hears its peers and is not heard loses its shards to them within 10 s", "[fault-5]") {
  skip_without_namespaces();
  if (!is_long_form()) SKIP("in the long form only: scripts/faults.sh --only 5");
  torn_cluster torn;
  torn.tear(0, "one direction", [&](private_network& network) { network.lose(torn.cluster_port(0), lost::from_port); });
}

TEST_CASE("fault 5: a node that is cut off from PostgreSQL loses its shards to its peers within 10 s", "[fault-5]") {
  skip_without_namespaces();
  torn_cluster torn;
  torn.tear(1, "from PostgreSQL", [&](private_network& network) {
    network.lose(torn.database_port(1), lost::to_port);
    network.lose(torn.database_port(1), lost::from_port);
  });
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
  cluster.await_full_term();
  auto before = cluster.mark();
  for (auto until = steady::now() + (is_long_form() ? 60s : 10s); steady::now() < until;) {
    link.set_open(false);
    std::this_thread::sleep_for(1s);
    link.set_open(true);
    std::this_thread::sleep_for(1s);
  }
  auto most = cluster.most_moves_of_a_shard_since(before);
  REQUIRE(load.goes_on(500));
  load.stop();
  CHECK(meets(6, "most moves of a shard", static_cast<double>(most), "", at_most(2)));
  note_figure(6, "nodes declared dead", static_cast<double>(cluster.nodes_declared_dead()), "");
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
