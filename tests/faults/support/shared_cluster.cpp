#include "tests/faults/support/shared_cluster.hpp"

#include <algorithm>
#include <exception>

#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>

namespace dabba::fault_tests {
namespace {

constexpr std::size_t nodes = 3;
constexpr std::size_t kitchens = 24;

struct cluster_and_town {
  // Offers outlive a race that a node's death holds up (fault 14); nobody else gets one.
  cluster_under_test cluster{nodes, {"--offer-seconds", "10"}};
  std::vector<kitchen> town = open_kitchens(cluster, kitchens);
};

std::unique_ptr<cluster_and_town> present;

/// From the main thread, so that the nodes end by the test's hand and not with the process.
class remover : public Catch::EventListenerBase {
 public:
  using EventListenerBase::EventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo& about) override {
    if (std::ranges::find(about.tags, Catch::Tag{"shared"}) == about.tags.end()) present.reset();
  }
  void testRunEnded(const Catch::TestRunStats&) override { present.reset(); }
};

bool can_be_used(cluster_under_test& cluster) {
  for (std::size_t i = 0; i < nodes; ++i)
    if (!cluster.is_running(i)) cluster.start(i);
  return cluster.await_settled();
}

}  // namespace

CATCH_REGISTER_LISTENER(remover)

shared_cluster::shared_cluster() : exceptions_before_{std::uncaught_exceptions()} {
  if (present && !can_be_used(present->cluster)) present.reset();
  if (!present) present = std::make_unique<cluster_and_town>();
}

shared_cluster::~shared_cluster() {
  if (std::uncaught_exceptions() > exceptions_before_) present.reset();
}

cluster_under_test& shared_cluster::operator*() const { return present->cluster; }

const std::vector<kitchen>& shared_cluster::town() const { return present->town; }

}  // namespace dabba::fault_tests
