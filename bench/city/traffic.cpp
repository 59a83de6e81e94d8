#include "bench/city/traffic.hpp"

#include <algorithm>

namespace dabba::city {

double request_kind::quantile_ms(double share) const {
  if (latencies_ms.empty()) return 0;
  auto sorted = latencies_ms;
  const auto at = std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(at), sorted.end());
  return sorted[at];
}

std::uint64_t traffic::requests_sent() const {
  std::uint64_t sent = 0;
  for (const auto& [_, kind] : requests) sent += kind.answered + kind.unanswered;
  return sent;
}

}  // namespace dabba::city
