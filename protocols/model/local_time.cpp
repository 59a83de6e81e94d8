#include "protocols/model/local_time.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace dabba {
namespace {

/// The number of exactly `count` digits at `from`; -1 when there is none.
int digits_at(std::string_view text, std::size_t from, std::size_t count) noexcept {
  int value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::chrono::sys_days to_days(local_date x) noexcept { return std::chrono::sys_days{std::chrono::days{x.days}}; }

}  // namespace

weekday weekday_of(local_date x) noexcept {
  return static_cast<weekday>(std::chrono::weekday{to_days(x)}.iso_encoding() - 1);
}

std::string to_string(local_date x) {
  std::chrono::year_month_day date{to_days(x)};
  std::array<char, 40> out{};
  auto size = std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {out.data(), static_cast<std::size_t>(size)};
}

std::optional<local_date> parse_date(std::string_view text) noexcept {
  using namespace std::chrono;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int y = digits_at(text, 0, 4);
  int m = digits_at(text, 5, 2);
  int d = digits_at(text, 8, 2);
  if (y < 1970 || m < 0 || d < 0) return std::nullopt;
  year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  return local_date{static_cast<std::int32_t>(sys_days{date}.time_since_epoch().count())};
}

std::string time_of_day_text(day_minutes x) {
  constexpr int day = 24 * 60;
  int of_day = x.count() == day ? day : x.count() % day;
  std::array<char, 32> out{};
  auto size = std::snprintf(out.data(), out.size(), "%02d:%02d", of_day / 60, of_day % 60);
  return {out.data(), static_cast<std::size_t>(size)};
}

std::optional<day_minutes> parse_time_of_day(std::string_view text) noexcept {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hours = digits_at(text, 0, 2);
  int minutes = digits_at(text, 3, 2);
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 24 * 60) return std::nullopt;
  return day_minutes{hours * 60 + minutes};
}

}  // namespace dabba
