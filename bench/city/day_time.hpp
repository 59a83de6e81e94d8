/// The two clocks a simulated day is told by: minutes of the day, as MDRP files count them, and the platform's own
/// time.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dabba::city {

using std::chrono::milliseconds;

/// Counts from minute 0 of the simulated day. Only a name for a kind of time: it has no `now()`.
struct day_clock {
  using duration = milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<day_clock>;
  static constexpr bool is_steady = true;
};

/// A point of the simulated day; physical events have exact ones.
using day_time = day_clock::time_point;
/// A point in the platform's clock (UTC).
using platform_time = std::chrono::sys_time<milliseconds>;
/// A point in this machine's clock.
using real_time = std::chrono::steady_clock::time_point;

inline milliseconds span_of_minutes(double minutes) { return milliseconds{std::llround(minutes * 60'000.0)}; }
inline day_time at_minute(double minutes) { return day_time{span_of_minutes(minutes)}; }
constexpr double in_minutes(milliseconds span) { return static_cast<double>(span.count()) / 60'000.0; }
constexpr double minute_of(day_time t) { return in_minutes(t.time_since_epoch()); }

/// RFC 3339 in UTC with milliseconds: `2026-03-01T11:00:00.000Z`.
std::string to_rfc3339(platform_time t);
/// Reads what `to_rfc3339` writes; fractions may be absent or longer than three digits. Nothing when it is no such
/// time.
std::optional<platform_time> from_rfc3339(std::string_view text);
/// `07:42` of the day, for people; days before minute 0 have a sign.
std::string clock_face(day_time t);

}  // namespace dabba::city
