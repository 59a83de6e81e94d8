/// The platform's clock as a client can know it: a linear function of this machine's steady clock, learnt from answers.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "bench/city/day_time.hpp"

namespace dabba::city {

class platform_clock {
 public:
  /// `scale`: platform seconds per real second.
  explicit platform_clock(double scale) : scale_(scale) {}

  /// The platform said `now` in answer to a question sent at `sent`; the answer was here at `received`. Of the last few
  /// observations the latest lower bound counts, so that nobody ever acts too early. Returns by how much the clock
  /// jumped when no delay on the way can explain what it says; it is followed there.
  std::optional<milliseconds> observe(platform_time now, real_time sent, real_time received);

  [[nodiscard]] platform_time at(real_time t) const;
  /// The first real time at which `at` is not before `t`.
  [[nodiscard]] real_time when(platform_time t) const;

  /// Minute 0 of the day; set once, when the city is ready to open.
  void begin_day(platform_time zero) { zero_ = zero; }
  [[nodiscard]] day_time day_at(real_time t) const { return day_of(at(t)); }
  [[nodiscard]] day_time day_of(platform_time t) const { return day_time{t - zero_}; }
  [[nodiscard]] platform_time platform_of(day_time t) const { return zero_ + t.time_since_epoch(); }
  [[nodiscard]] double scale() const { return scale_; }

 private:
  /// Platform milliseconds minus scaled real milliseconds lie between these two.
  struct bounds {
    double low_ms = 0;
    double high_ms = 0;
  };
  static constexpr std::size_t remembered = 8;

  [[nodiscard]] bounds all_of_recent() const;

  double scale_;
  std::array<bounds, remembered> recent_{};
  std::size_t observations_ = 0;
  double offset_ms_ = 0;
  platform_time zero_{};
};

}  // namespace dabba::city
