/// The platform clock, one injected object per node.
#pragma once

#include <chrono>

#include "protocols/model/instant.hpp"

namespace dabba {

/// Safe to call from any thread.
class clock {
 public:
  virtual ~clock() = default;

  [[nodiscard]] virtual instant now() const noexcept = 0;
  /// Platform seconds per real second; 1 in production.
  [[nodiscard]] virtual double scale() const noexcept = 0;

  /// What `real` is worth in platform time: for waits that bound a connection, not a meal.
  [[nodiscard]] duration from_real(std::chrono::microseconds real) const noexcept {
    return duration{static_cast<std::int64_t>(static_cast<double>(real.count()) * scale())};
  }
};

/// Real Unix time.
inline instant real_now() noexcept {
  auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

/// Runs `scale` times as fast as the machine's monotonic clock, from `platform_start` on.
class scaled_clock final : public clock {
 public:
  scaled_clock(instant platform_start, double scale) noexcept
      : platform_start_{platform_start}, scale_{scale}, real_start_{std::chrono::steady_clock::now()} {}

  [[nodiscard]] instant now() const noexcept override {
    auto passed = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - real_start_);
    return platform_start_ + from_real(passed);
  }
  [[nodiscard]] double scale() const noexcept override { return scale_; }

 private:
  instant platform_start_;
  double scale_;
  std::chrono::steady_clock::time_point real_start_;
};

}  // namespace dabba
