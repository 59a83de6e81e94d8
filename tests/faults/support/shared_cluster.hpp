/// Three nodes with nothing special about them, and a town, which the cases of one run use one after the other: most
/// faults leave a cluster whole, and to start one takes longer than some faults do. A case that uses it has the tag
/// `[shared]`; before any other the cluster is removed, so that there is never more than one.
#pragma once

#include "tests/faults/support/town.hpp"

namespace dabba::fault_tests {

class shared_cluster {
 public:
  /// All three run and are settled. What the case before left is used if it can be brought there.
  shared_cluster();
  /// After an exception nobody knows in what state it is: the next case gets another.
  ~shared_cluster();
  shared_cluster(const shared_cluster&) = delete;
  shared_cluster& operator=(const shared_cluster&) = delete;

  cluster_under_test& operator*() const;
  /// Kitchens in one street, for any load.
  [[nodiscard]] const std::vector<kitchen>& town() const;

 private:
  int exceptions_before_;
};

}  // namespace dabba::fault_tests
