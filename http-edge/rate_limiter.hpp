/// How often a caller may ask, by the generic cell rate algorithm: each request moves the time by which all of the
/// caller's requests so far are paid for; one that would move it further ahead than the window is refused. Of this
/// node.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "http-edge/message.hpp"

namespace dabba::http {

/// So many requests at once; what was used comes back evenly over the window, so that into one window fit twice as
/// many.
struct quota {
  unsigned requests = 0;  ///< 0: as many as they like
  std::chrono::seconds window{1};
};

/// What became of one request.
struct pace_verdict {
  bool is_admitted = true;
  unsigned remaining = 0;         ///< how many more may come at once
  std::chrono::seconds reset{0};  ///< until the whole quota is there again
  std::chrono::seconds retry{0};  ///< until the next may come, when this one was refused
};

/// Whom a request counts for: a user's id or a network's address, both 16 bytes.
using caller_key = std::array<std::uint8_t, 16>;

/// Safe to use from any thread.
class rate_limiter {
 public:
  using time = std::chrono::steady_clock::time_point;

  explicit rate_limiter(quota allowed) : allowed_{allowed} {}

  [[nodiscard]] const quota& allowed() const noexcept { return allowed_; }
  pace_verdict take(const caller_key& who, time now);

 private:
  struct hash {
    std::size_t operator()(const caller_key& x) const noexcept;
  };
  /// Callers by their last bits, so that threads seldom wait for each other.
  struct part {
    std::mutex mutex;
    std::unordered_map<caller_key, time, hash> paid_until;
    time swept_at{};
  };
  static constexpr std::size_t parts = 16;

  /// Room for another caller; false when there is none.
  static bool make_room(part& in, time now);

  quota allowed_;
  std::array<part, parts> parts_;
};

}  // namespace dabba::http
