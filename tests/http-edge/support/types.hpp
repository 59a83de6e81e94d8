/// CAF must know the messages before an actor system is made.
#pragma once

#include "http-edge/edge.hpp"
#include "protocols/errors.hpp"

namespace dabba::test {

/// More than once is fine.
inline void register_types() {
  static const bool registered = [] {
    register_message_types();
    register_edge_types();
    return true;
  }();
  (void)registered;
}

}  // namespace dabba::test
