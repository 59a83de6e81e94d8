#include "protocols/model/opening_times.hpp"

#include <date/tz.h>
#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using std::chrono::seconds;

/// A span in instants; empty when the clock skips all of it.
struct open_time {
  instant from;
  instant to;
};

instant to_instant(date::sys_seconds x) noexcept { return {duration{x.time_since_epoch()}.count()}; }
date::sys_seconds to_seconds(instant x) noexcept {
  return date::sys_seconds{std::chrono::floor<seconds>(duration{x.micros})};
}

const date::time_zone* find_zone(const std::string& name) noexcept try {
  return date::locate_zone(name);
} catch (const std::exception&) {
  return nullptr;
}

/// Whether the clock shows the beginning of a span, or its end: all it shows before is within.
enum class edge_of_span { begin, end };

instant at_wall_time(const date::time_zone& zone, local_date day, day_minutes time, edge_of_span which) {
  date::local_seconds shown{date::days{day.days} + time};
  auto info = zone.get_info(shown);
  switch (info.result) {
    case date::local_info::nonexistent: return to_instant(info.first.end);
    case date::local_info::ambiguous: {
      date::sys_seconds first{shown.time_since_epoch() - info.first.offset};
      date::sys_seconds last{shown.time_since_epoch() - info.second.offset};
      // Nothing before the first time that is repeated is shown again.
      bool is_repeated = which == edge_of_span::end && last > info.second.begin;
      return to_instant(is_repeated ? last : first);
    }
    default: return to_instant(date::sys_seconds{shown.time_since_epoch() - info.first.offset});
  }
}

local_date day_at(const date::time_zone& zone, instant now) {
  auto shown = zone.to_local(to_seconds(now));
  return {static_cast<std::int32_t>(date::floor<date::days>(shown).time_since_epoch().count())};
}

/// What begins on this day.
template <class F>
void for_each_span(const opening_hours& hours, local_date day, F use) {
  auto special = std::ranges::find(hours.holidays, day, &holiday::date);
  if (special != hours.holidays.end()) {
    for (const auto& each : special->open) use(each);
    return;
  }
  auto today = weekday_of(day);
  for (const auto& each : hours.weekly)
    if (each.day == today) use(each.open);
}

/// The open times of the days from `first` to `last`, joined where one follows the other without a pause.
std::vector<open_time> open_times(const date::time_zone& zone, const opening_hours& hours, local_date first,
                                  local_date last) {
  std::vector<open_time> found;
  for (auto day = first; day <= last; day = day + 1)
    for_each_span(hours, day, [&](const opening_span& span) {
      found.push_back({at_wall_time(zone, day, span.from, edge_of_span::begin),
                       at_wall_time(zone, day, span.to, edge_of_span::end)});
    });
  std::erase_if(found, [](const open_time& x) { return x.to <= x.from; });
  std::ranges::sort(found, {}, &open_time::from);
  std::vector<open_time> joined;
  for (const auto& each : found) {
    if (joined.empty() || joined.back().to < each.from)
      joined.push_back(each);
    else
      joined.back().to = std::max(joined.back().to, each.to);
  }
  return joined;
}

/// How many days are looked at in one go: most openings are within the next.
constexpr std::int32_t days_at_once = 8;

}  // namespace

bool is_time_zone(const std::string& name) noexcept { return find_zone(name) != nullptr; }

bool is_open_at(const opening_hours& hours, instant now) {
  const auto* zone = find_zone(hours.time_zone);
  if (!zone) return false;
  auto today = day_at(*zone, now);
  // A span ends at most 24 hours of its clock after it began, which is before the end of the next day.
  auto times = open_times(*zone, hours, today + -2, today + 1);
  return std::ranges::any_of(times, [&](const open_time& x) { return x.from <= now && now < x.to; });
}

std::optional<instant> opens_next(const opening_hours& hours, instant now) {
  const auto* zone = find_zone(hours.time_zone);
  if (!zone || (hours.weekly.empty() && hours.holidays.empty())) return std::nullopt;
  auto today = day_at(*zone, now);
  auto open_until = now;
  for (std::int32_t ahead = 0; ahead < limits::days_looked_ahead; ahead += days_at_once) {
    auto first = today + ahead;
    // With the days before, so that what goes on from them is no opening.
    for (const auto& each : open_times(*zone, hours, first + -2, first + days_at_once)) {
      if (each.from > open_until) return each.from;
      open_until = std::max(open_until, each.to);
    }
  }
  return std::nullopt;
}

}  // namespace dabba
