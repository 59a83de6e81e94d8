/// Promotions in the memory of a test.
#pragma once

#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {

/// Over the world's promotions, with the rules of the port.
std::unique_ptr<promotion_store> make_promotions(const std::shared_ptr<world>& w);

}  // namespace dabba::test
