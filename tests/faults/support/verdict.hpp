/// What the checker finds when a fault has passed: every broken promise, from what the clients recorded and what the
/// database holds.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/support/steady_load.hpp"

namespace dabba::fault_tests {

/// Of a stopped load. The first ones, in words; empty when all is well.
std::vector<std::string> verdict(cluster_under_test& cluster, const steady_load& load);
/// The same without clients who recorded anything.
std::vector<std::string> verdict(cluster_under_test& cluster);

}  // namespace dabba::fault_tests
