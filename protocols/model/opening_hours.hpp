/// When a restaurant is open, by the clock on its own wall.
#pragma once

#include <vector>

#include "protocols/model/local_time.hpp"

namespace dabba {

/// From one time of a day to another; a `to` past 24:00 is on the next day. The span belongs to the day it begins on.
struct opening_span {
  day_minutes from{};  ///< 00:00 to 23:59
  day_minutes to{};    ///< later than `from`, by at most 24 hours
  friend bool operator==(const opening_span&, const opening_span&) = default;
};

struct weekly_span {
  weekday day = weekday::monday;
  opening_span open;
  friend bool operator==(const weekly_span&, const weekly_span&) = default;
};

/// A day that goes by hours of its own; without any it is closed. What began the day before goes on to its end.
struct holiday {
  local_date date;
  std::string name;
  std::vector<opening_span> open;
  friend bool operator==(const holiday&, const holiday&) = default;
};

struct opening_hours {
  std::string time_zone;  ///< of the IANA database, as in `Asia/Kolkata`
  std::vector<weekly_span> weekly;
  std::vector<holiday> holidays;  ///< at most one for a day
  friend bool operator==(const opening_hours&, const opening_hours&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, opening_span& x) {
  auto get = [](day_minutes& from) { return [&from] { return from.count(); }; };
  auto set = [](day_minutes& to) {
    return [&to](std::int32_t minutes) {
      to = day_minutes{minutes};
      return true;
    };
  };
  return f.object(x).fields(f.field("fromMinute", get(x.from), set(x.from)), f.field("toMinute", get(x.to), set(x.to)));
}
template <class Inspector>
bool inspect(Inspector& f, weekly_span& x) {
  return f.object(x).fields(f.field("day", x.day), f.field("open", x.open));
}
template <class Inspector>
bool inspect(Inspector& f, holiday& x) {
  return f.object(x).fields(f.field("date", x.date), f.field("name", x.name), f.field("open", x.open));
}
template <class Inspector>
bool inspect(Inspector& f, opening_hours& x) {
  return f.object(x).fields(
      f.field("timeZone", x.time_zone), f.field("weekly", x.weekly), f.field("holidays", x.holidays));
}

}  // namespace dabba
