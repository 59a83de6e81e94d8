/// Dates and times of day as a clock on the wall shows them, without a time zone.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/model/enum_names.hpp"

namespace dabba {

enum class weekday : std::uint8_t { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
template <>
inline constexpr auto enum_names<weekday> =
    std::to_array<std::string_view>({"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"});

/// A day of the Gregorian calendar.
struct local_date {
  std::int32_t days = 0;  ///< since 1970-01-01

  friend auto operator<=>(const local_date&, const local_date&) = default;
  friend local_date operator+(local_date a, std::int32_t days) noexcept { return {a.days + days}; }
};

weekday weekday_of(local_date x) noexcept;
/// As in `2026-12-25`.
std::string to_string(local_date x);
/// Nothing for any other text than yyyy-mm-dd of a day that there is, of years 1970 to 9999.
std::optional<local_date> parse_date(std::string_view text) noexcept;

/// Minutes after midnight, as the clock shows them.
using day_minutes = std::chrono::duration<std::int32_t, std::ratio<60>>;

/// `09:30`; past 24:00 it goes on from 00:00.
std::string time_of_day_text(day_minutes x);
/// 00:00 to 24:00; nothing for any other text.
std::optional<day_minutes> parse_time_of_day(std::string_view text) noexcept;

template <class Inspector>
bool inspect(Inspector& f, local_date& x) {
  if (!f.has_human_readable_format()) return f.apply(x.days);
  auto get = [&x] { return to_string(x); };
  auto set = [&x](const std::string& text) {
    auto parsed = parse_date(text);
    if (parsed) x = *parsed;
    return parsed.has_value();
  };
  return f.apply(get, set);
}

}  // namespace dabba
