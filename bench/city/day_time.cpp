#include "bench/city/day_time.hpp"

#include <charconv>

#include <fmt/format.h>

namespace dabba::city {

namespace {

/// The number that fills `text` entirely, or nothing.
std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Milliseconds from the digits after the decimal point; digits beyond the third are cut off.
std::optional<int> fraction_millis(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  int value = 0;
  int taken = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    if (taken < 3) {
      value = value * 10 + (c - '0');
      ++taken;
    }
  }
  for (; taken < 3; ++taken) value *= 10;
  return value;
}

}  // namespace

std::string to_rfc3339(platform_time t) {
  using namespace std::chrono;
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const hh_mm_ss time{t - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<platform_time> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto y = number(text.substr(0, 4)), mo = number(text.substr(5, 2)), d = number(text.substr(8, 2));
  const auto h = number(text.substr(11, 2)), mi = number(text.substr(14, 2)), s = number(text.substr(17, 2));
  if (!y || !mo || !d || !h || !mi || !s) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;

  int millis = 0;
  if (text.size() > 20) {
    if (text[19] != '.') return std::nullopt;
    const auto fraction = fraction_millis(text.substr(20, text.size() - 21));
    if (!fraction) return std::nullopt;
    millis = *fraction;
  }
  return sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} + milliseconds{millis};
}

std::string clock_face(day_time t) {
  using namespace std::chrono;
  const auto span = t.time_since_epoch();
  const hh_mm_ss time{abs(floor<minutes>(span))};
  return fmt::format("{}{:02}:{:02}", span < milliseconds{0} ? "-" : "", time.hours().count(), time.minutes().count());
}

}  // namespace dabba::city
