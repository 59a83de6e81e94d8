#include "http-edge/rate_limiter.hpp"

#include <algorithm>
#include <cstring>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

using namespace std::chrono_literals;
using nanoseconds = std::chrono::nanoseconds;

/// Who is full looks for callers to forget, and not at every request.
constexpr auto between_sweeps = 1s;

std::chrono::seconds whole_seconds(nanoseconds x) { return std::chrono::ceil<std::chrono::seconds>(x); }

}  // namespace

std::size_t rate_limiter::hash::operator()(const caller_key& x) const noexcept {
  std::array<std::uint64_t, 2> halves{};
  std::memcpy(halves.data(), x.data(), x.size());
  // Users' ids are random in their second half, IPv6 networks differ in their first.
  return static_cast<std::size_t>((halves[0] * 0x9E3779B97F4A7C15 ^ halves[1]) * 0xD6E8FEB86659FD93 >> 7);
}

bool rate_limiter::make_room(part& in, time now) {
  constexpr auto most = limits::callers_counted / parts;
  if (in.paid_until.size() < most) return true;
  if (now - in.swept_at < between_sweeps) return false;
  in.swept_at = now;
  std::erase_if(in.paid_until, [now](const auto& each) { return each.second <= now; });
  return in.paid_until.size() < most;
}

pace_verdict rate_limiter::take(const caller_key& who, time now) {
  if (allowed_.requests == 0) return {};
  nanoseconds window = allowed_.window;
  nanoseconds step = window / allowed_.requests;
  auto& in = parts_[hash{}(who) % parts];
  std::lock_guard lock{in.mutex};
  auto known = in.paid_until.find(who);
  auto paid_until = known == in.paid_until.end() ? now : std::max(known->second, now);
  auto ahead = paid_until + step - now;
  if (ahead > window) return {false, 0, whole_seconds(paid_until - now), std::max(1s, whole_seconds(ahead - window))};
  if (known != in.paid_until.end())
    known->second = paid_until + step;
  else if (make_room(in, now))  // otherwise it is not counted: to refuse those who come first would be worse
    in.paid_until.emplace(who, paid_until + step);
  return {true, static_cast<unsigned>((window - ahead) / step), whole_seconds(ahead), 0s};
}

}  // namespace dabba::http
