/// Points in platform time: the clock that orders, kitchens and partners live by, which a simulation may run faster
/// than the wall. Real time (tokens, timeouts) is std::chrono's and never converts to it by accident.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace dabba {

using duration = std::chrono::microseconds;

struct instant {
  /// Microseconds since the Unix epoch.
  std::int64_t micros = 0;

  friend auto operator<=>(const instant&, const instant&) = default;
  friend instant operator+(instant a, duration d) noexcept { return {a.micros + d.count()}; }
  friend instant operator-(instant a, duration d) noexcept { return {a.micros - d.count()}; }
  friend duration operator-(instant a, instant b) noexcept { return duration{a.micros - b.micros}; }

  static constexpr instant max() noexcept { return {INT64_MAX}; }
};

template <class Inspector>
bool inspect(Inspector& f, instant& x) {
  return f.apply(x.micros);
}

}  // namespace dabba
