/// A town that must be unharmed after whatever is sent to its node, and how a refusal looks.
#pragma once

#include <string>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {

/// Has an order that waits for its restaurant and one that was delivered.
class steadfast_town {
 public:
  steadfast_town();

  /// The node runs on as the process it was, and the database holds what it held when `remember` was called last, or
  /// when the town was made.
  void check_unharmed();
  void remember() { rows_before_ = rows(); }

  test_node node;
  restaurant kitchen{node};
  customer hungry{node};
  partner deliverer{node};
  std::string waiting;
  std::string delivered;

 private:
  std::int64_t rows();

  queries db_{node.database()};
  std::int64_t rows_before_ = 0;
  pid_t pid_ = 0;
};

/// Checks that it is a problem as docs/api.md says: with this status, this code (empty: any) and, for a bad field, this
/// pointer.
void check_problem(const http_response& got, unsigned status, const std::string& code, const std::string& pointer = {});

}  // namespace dabba::system_tests
