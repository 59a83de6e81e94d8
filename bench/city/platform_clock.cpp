#include "bench/city/platform_clock.hpp"

#include <algorithm>
#include <cmath>

namespace dabba::city {

namespace {

/// By how many real milliseconds two clocks of one machine may drift apart within the observations remembered.
constexpr double tolerated_drift_ms = 50;

double real_millis(real_time t) { return std::chrono::duration<double, std::milli>(t.time_since_epoch()).count(); }

}  // namespace

platform_clock::bounds platform_clock::all_of_recent() const {
  bounds all = recent_.front();
  for (const auto& b : recent_) {
    all.low_ms = std::max(all.low_ms, b.low_ms);
    all.high_ms = std::min(all.high_ms, b.high_ms);
  }
  return all;
}

std::optional<milliseconds> platform_clock::observe(platform_time now, real_time sent, real_time received) {
  const auto said_ms = static_cast<double>(now.time_since_epoch().count());
  // The platform cut its answer to whole milliseconds.
  const bounds b{said_ms - scale_ * real_millis(received), said_ms + 1 - scale_ * real_millis(sent)};
  const auto before = all_of_recent();
  const double tolerated = tolerated_drift_ms * scale_;
  const bool first = observations_ == 0;
  const bool jumped = !first && (b.high_ms < before.low_ms - tolerated || b.low_ms > before.high_ms + tolerated);
  if (first || jumped)
    recent_.fill(b);
  else
    recent_[observations_ % remembered] = b;
  ++observations_;
  const double old_offset = offset_ms_;
  offset_ms_ = all_of_recent().low_ms;
  return jumped ? std::optional{milliseconds{std::llround(offset_ms_ - old_offset)}} : std::nullopt;
}

platform_time platform_clock::at(real_time t) const {
  return platform_time{milliseconds{static_cast<std::int64_t>(std::floor(offset_ms_ + scale_ * real_millis(t)))}};
}

real_time platform_clock::when(platform_time t) const {
  const double real_ms = (static_cast<double>(t.time_since_epoch().count()) - offset_ms_) / scale_;
  // Rounded up by more than a double of this size can lose.
  return real_time{
             std::chrono::duration_cast<real_time::duration>(std::chrono::duration<double, std::milli>(real_ms))} +
         std::chrono::microseconds{5};
}

}  // namespace dabba::city
