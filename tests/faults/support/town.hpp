/// Restaurants that orders can be placed with, made through the API of a cluster.
#pragma once

#include <string>
#include <vector>

#include "tests/faults/support/cluster_under_test.hpp"

namespace dabba::fault_tests {

/// Registered, approved and open, with one dish.
struct kitchen {
  std::string id;
  std::string owner;
  std::string item;
  int shard = 0;  ///< its own and that of its orders
  double latitude = 0;
  double longitude = 0;
};

/// All in one street, or one in each town, so far apart that a partner of one town is of no use in another.
std::vector<kitchen> open_kitchens(cluster_under_test& cluster, std::size_t count, bool in_towns_of_their_own = false);

/// The body of a checkout of one dish.
std::string checkout_body(const kitchen& from, const std::string& note = {});

/// Sends it to one node after the other until the answer is final; throws with the whole answer when it has another
/// status than wanted.
system_tests::http_response insist(cluster_under_test& cluster, const std::string& role, const std::string& subject,
                                   const system_tests::http_request& what, unsigned wanted);

}  // namespace dabba::fault_tests
