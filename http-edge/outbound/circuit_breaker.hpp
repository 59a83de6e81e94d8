/// Stops asking a service that does not answer, and asks it now and then whether it does again.
///
///   closed     calls go through; when too many of the latest failed it opens
///   open       calls are refused; after a pause it is half-open
///   half-open  one call at a time goes through; a few that succeed close it, one that fails opens it for twice as long
///
/// Knows no clock and no thread: whoever uses it passes the time and holds a lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace dabba::outbound {

struct breaker_terms {
  std::size_t window = 20;                   ///< of the latest results
  std::size_t least = 10;                    ///< with fewer results it stays closed
  double share = 0.5;                        ///< of failures in the window that opens it
  std::chrono::milliseconds memory{60'000};  ///< older results do not count
  std::chrono::milliseconds pause_first{1'000};
  std::chrono::milliseconds pause_longest{30'000};
  std::size_t successes_to_close = 2;
  std::chrono::milliseconds probe_patience{30'000};  ///< a probe that has said nothing for so long counts as failed
};

class circuit_breaker {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class state : std::uint8_t { closed, open, half_open };

  /// Of one call that was let through: its result counts only in the period it was made in.
  struct ticket {
    std::uint64_t period = 0;
  };

  explicit circuit_breaker(breaker_terms terms = {}) : terms_{terms} {}

  /// Nothing: refused. Who gets a ticket says with it how the call ended, once.
  std::optional<ticket> admit(time_point now);
  void succeeded(ticket of, time_point now);
  void failed(ticket of, time_point now);
  /// The call was not made, or said nothing about the service.
  void returned(ticket of);

  [[nodiscard]] state current() const noexcept { return state_; }
  /// When a refused caller may ask again.
  [[nodiscard]] time_point refuses_until() const noexcept { return refuse_until_; }

 private:
  struct result {
    time_point at;
    bool is_failure;
  };

  void note(time_point now, bool is_failure);
  [[nodiscard]] bool has_too_many_failures() const;
  void enter(state next);
  void open(time_point now);

  breaker_terms terms_;
  state state_ = state::closed;
  std::uint64_t period_ = 0;
  std::deque<result> results_;  // while closed
  std::chrono::milliseconds pause_{0};
  time_point refuse_until_{};
  std::optional<time_point> probe_since_;  // while half-open, of the one under way
  std::size_t successes_ = 0;              // while half-open
};

}  // namespace dabba::outbound
