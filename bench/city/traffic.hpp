/// What the clients cost and suffered, counted while they run. Latencies are real milliseconds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/city/day_time.hpp"

namespace dabba::city {

/// All requests of one kind: one answer each, retries counted apart.
struct request_kind {
  std::uint64_t answered = 0;
  std::uint64_t unanswered = 0;  ///< lost connections and timeouts
  std::uint64_t busy = 0;        ///< 429 and 503
  std::uint64_t refused = 0;     ///< other 4xx
  std::vector<float> latencies_ms;

  /// `share` in [0, 1]; 0 when nothing was answered.
  [[nodiscard]] double quantile_ms(double share) const;
};

struct traffic {
  std::map<std::string, request_kind> requests;
  std::uint64_t positions_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t sockets_opened = 0;    ///< first connections
  std::uint64_t reconnects = 0;        ///< connections regained after a loss
  std::uint64_t found_by_polling = 0;  ///< orders a tablet learnt of from the list before an event told it
  std::uint64_t clock_jumps = 0;

  std::uint64_t offers = 0;
  std::uint64_t accepts = 0;   ///< sent
  std::uint64_t awards = 0;    ///< accepts that won
  std::uint64_t too_late = 0;  ///< accepts refused as `offer-no-longer-available`
  std::uint64_t declines = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t releases = 0;
  std::uint64_t lost_jobs = 0;  ///< deliveries that ended under a partner on the way

  [[nodiscard]] std::uint64_t requests_sent() const;
};

}  // namespace dabba::city
