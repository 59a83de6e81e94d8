/// How often, and after which pauses, a call is made again that may be: exponential back-off with full jitter, so that
/// many callers that failed together do not come back together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace dabba::outbound {

struct retry_terms {
  unsigned attempts = 4;  ///< in all
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds longest{2'000};
};

/// Before attempt number `attempt` (the first repeat is 1): by chance, from [0, 1), between nothing and twice as much
/// as the time before.
inline std::chrono::milliseconds pause_before(const retry_terms& terms, unsigned attempt, double chance) {
  auto doublings = std::min(attempt - 1, 30u);
  auto most = std::min<std::chrono::milliseconds>(terms.first * (std::int64_t{1} << doublings), terms.longest);
  return std::chrono::milliseconds{static_cast<std::int64_t>(chance * static_cast<double>(most.count()))};
}

}  // namespace dabba::outbound
