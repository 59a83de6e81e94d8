/// Opening hours against clocks on the wall, daylight saving included.
#include "protocols/model/opening_times.hpp"

#include <date/tz.h>
#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <sstream>

using namespace dabba;
using namespace std::chrono_literals;

namespace {

instant utc(const char* text) {
  std::istringstream in{text};
  date::sys_seconds t;
  in >> date::parse("%F %H:%M", t);
  REQUIRE_FALSE(in.fail());
  return {duration{t.time_since_epoch()}.count()};
}

local_date day(const char* text) { return *parse_date(text); }

opening_span span(const char* from, const char* to) {
  auto a = *parse_time_of_day(from);
  auto b = *parse_time_of_day(to);
  return {a, b > a ? b : b + day_minutes{24h}};
}

opening_hours every_day(const char* zone, opening_span open) {
  opening_hours out{zone, {}, {}};
  for (int i = 0; i < 7; ++i) out.weekly.push_back({static_cast<weekday>(i), open});
  return out;
}

/// The same by another road: what the clock shows is looked at minute by minute, over the days around. A span goes from
/// the first minute that shows its beginning or later to the last that shows less than its end.
class minute_walk {
 public:
  minute_walk(const opening_hours& hours, instant first, int minutes) : first_{first} {
    const auto* zone = date::locate_zone(hours.time_zone);
    auto from = first - margin;
    int count = minutes + 2 * static_cast<int>(margin / 1min);
    std::vector<std::int64_t> shown;  // in minutes of the local clock
    for (int i = 0; i < count; ++i) {
      auto t = date::sys_seconds{std::chrono::seconds{(from + i * 1min).micros / 1'000'000}};
      shown.push_back(date::floor<std::chrono::minutes>(zone->to_local(t)).time_since_epoch().count());
    }
    std::vector<bool> open(static_cast<std::size_t>(count), false);
    auto last_day = shown.back() / 1440 + 1;
    for (auto d = shown.front() / 1440; d <= last_day; ++d)
      for (const auto& each : spans_on(hours, {static_cast<std::int32_t>(d)})) mark(open, shown, d * 1440, each);
    auto skipped = static_cast<std::ptrdiff_t>(margin / 1min);
    open_.assign(open.begin() + skipped, open.begin() + skipped + minutes);
  }

  [[nodiscard]] bool is_open(int minute) const { return open_.at(static_cast<std::size_t>(minute)); }
  /// The first minute later than this one at which it opens.
  [[nodiscard]] std::optional<instant> next_opening(int minute) const {
    for (auto i = static_cast<std::size_t>(minute) + 1; i < open_.size(); ++i)
      if (open_[i] && !open_[i - 1]) return first_ + static_cast<std::int64_t>(i) * 1min;
    return std::nullopt;
  }

 private:
  static constexpr duration margin = 72h;

  static std::vector<opening_span> spans_on(const opening_hours& hours, local_date d) {
    for (const auto& each : hours.holidays)
      if (each.date == d) return each.open;
    std::vector<opening_span> out;
    for (const auto& each : hours.weekly)
      if (each.day == weekday_of(d)) out.push_back(each.open);
    return out;
  }

  static void mark(std::vector<bool>& open, const std::vector<std::int64_t>& shown, std::int64_t midnight,
                   const opening_span& x) {
    std::optional<std::size_t> begin;
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (!begin && shown[i] >= midnight + x.from.count()) begin = i;
      if (shown[i] < midnight + x.to.count()) last = i;
    }
    if (!begin || !last) return;
    for (auto i = *begin; i <= *last; ++i) open[i] = true;
  }

  instant first_;
  std::vector<bool> open_;
};

opening_span some_span() {
  auto from = *rc::gen::inRange(0, 96) * 15;
  auto length = *rc::gen::inRange(1, 97) * 15;
  return {day_minutes{from}, day_minutes{from + length}};
}

opening_hours some_hours(const std::string& zone, local_date around) {
  opening_hours out{zone, {}, {}};
  auto count = *rc::gen::inRange(0, 10);
  for (int i = 0; i < count; ++i) out.weekly.push_back({static_cast<weekday>(*rc::gen::inRange(0, 7)), some_span()});
  for (int i = -3; i < 4; ++i) {
    if (*rc::gen::inRange(0, 4) > 0) continue;
    holiday one{around + i, "", {}};
    auto spans = *rc::gen::inRange(0, 3);
    for (int k = 0; k < spans; ++k) one.open.push_back(some_span());
    out.holidays.push_back(one);
  }
  return out;
}

struct turning_point {
  const char* zone;
  const char* day;
};
/// Days on which clocks change, days on which they don't, and a day that an island left out.
constexpr turning_point turning_points[]{
    {"Asia/Kolkata", "2026-03-29"},        {"Europe/Berlin", "2026-03-29"},     {"Europe/Berlin", "2026-10-25"},
    {"America/New_York", "2026-03-08"},    {"America/New_York", "2026-11-01"},  {"Australia/Lord_Howe", "2026-04-05"},
    {"Australia/Lord_Howe", "2026-10-04"}, {"America/Sao_Paulo", "2018-11-04"}, {"America/Havana", "2026-11-01"},
    {"Pacific/Apia", "2011-12-30"},        {"Asia/Kathmandu", "2026-06-01"},    {"Africa/Casablanca", "2026-02-15"},
};

}  // namespace

TEST_CASE("hours are those of a walk through every minute, whatever the clocks do") {
  for (const auto& point : turning_points) {
    INFO(point.zone << ' ' << point.day);
    CHECK(rc::check([&] {
      auto around = day(point.day);
      auto hours = some_hours(point.zone, around);
      instant first{(static_cast<std::int64_t>(around.days) - 2) * 86'400'000'000};
      constexpr int minutes = 4 * 1440;
      minute_walk walk{hours, first, minutes};
      for (int i = 0; i < 60; ++i) {
        auto minute = *rc::gen::inRange(0, minutes - 1);
        auto now = first + minute * 1min;
        RC_ASSERT(is_open_at(hours, now) == walk.is_open(minute));
        auto next = opens_next(hours, now);
        if (auto expected = walk.next_opening(minute))
          RC_ASSERT(next == expected);
        else if (next)
          RC_ASSERT(*next >= first + minutes * 1min);
      }
    }));
  }
}

TEST_CASE("hours go by the clock of the restaurant's own zone") {
  auto hours = every_day("Asia/Kolkata", span("09:00", "17:00"));
  CHECK_FALSE(is_open_at(hours, utc("2026-03-01 03:29")));
  CHECK(is_open_at(hours, utc("2026-03-01 03:30")));
  CHECK(is_open_at(hours, utc("2026-03-01 11:29")));
  CHECK_FALSE(is_open_at(hours, utc("2026-03-01 11:30")));
  CHECK(opens_next(hours, utc("2026-03-01 11:30")) == utc("2026-03-02 03:30"));
}

TEST_CASE("a restaurant that closes after midnight is open until then, on the day it opened") {
  opening_hours hours{"Europe/Berlin", {{weekday::friday, span("18:00", "02:00")}}, {}};
  CHECK(is_open_at(hours, utc("2026-01-09 23:30")));        // Saturday, 00:30
  CHECK_FALSE(is_open_at(hours, utc("2026-01-10 01:00")));  // Saturday, 02:00
  CHECK_FALSE(is_open_at(hours, utc("2026-01-08 23:30")));  // Friday, 00:30
  // The holiday that follows does not cut the evening short.
  hours.holidays.push_back({day("2026-01-10"), "", {}});
  CHECK(is_open_at(hours, utc("2026-01-09 23:30")));
}

TEST_CASE("a holiday has hours of its own, or none") {
  auto hours = every_day("Europe/Berlin", span("10:00", "22:00"));
  hours.holidays = {{day("2026-12-24"), "Christmas Eve", {span("10:00", "14:00")}}, {day("2026-12-25"), "", {}}};
  CHECK(is_open_at(hours, utc("2026-12-24 12:59")));
  CHECK_FALSE(is_open_at(hours, utc("2026-12-24 13:00")));
  CHECK_FALSE(is_open_at(hours, utc("2026-12-25 12:00")));
  CHECK(opens_next(hours, utc("2026-12-24 13:00")) == utc("2026-12-26 09:00"));
}

TEST_CASE("what the clock skips is the moment of the skip, and the hour it repeats is one opening") {
  // Berlin, 29 March 2026: 02:00 is 03:00 at 01:00 UTC.
  auto early = every_day("Europe/Berlin", span("02:30", "06:00"));
  CHECK_FALSE(is_open_at(early, utc("2026-03-29 00:59")));
  CHECK(is_open_at(early, utc("2026-03-29 01:00")));
  auto skipped = every_day("Europe/Berlin", span("02:00", "03:00"));
  CHECK_FALSE(is_open_at(skipped, utc("2026-03-29 01:00")));
  CHECK(opens_next(skipped, utc("2026-03-28 12:00")) == utc("2026-03-30 00:00"));
  // 25 October 2026: 03:00 is 02:00 again at 01:00 UTC.
  auto late = every_day("Europe/Berlin", span("18:00", "02:30"));
  CHECK(is_open_at(late, utc("2026-10-25 00:45")));  // 02:45, for the first time
  CHECK(is_open_at(late, utc("2026-10-25 01:29")));  // 02:29, for the second
  CHECK_FALSE(is_open_at(late, utc("2026-10-25 01:30")));
  auto before = every_day("Europe/Berlin", span("18:00", "02:00"));
  CHECK(is_open_at(before, utc("2026-10-24 23:59")));
  CHECK_FALSE(is_open_at(before, utc("2026-10-25 00:00")));
}

TEST_CASE("one that never opens, or never closes, has no next opening") {
  opening_hours never{"Asia/Kolkata", {}, {}};
  CHECK_FALSE(is_open_at(never, utc("2026-03-01 12:00")));
  CHECK_FALSE(opens_next(never, utc("2026-03-01 12:00")));
  auto always = every_day("Europe/Berlin", span("00:00", "24:00"));
  CHECK_FALSE(opens_next(always, utc("2026-03-01 12:00")));
  for (auto t = utc("2026-03-28 00:00"); t < utc("2026-03-31 00:00"); t = t + 7min) CHECK(is_open_at(always, t));
}

TEST_CASE("a long holiday is looked beyond, up to a bound") {
  auto hours = every_day("Asia/Kolkata", span("09:00", "17:00"));
  for (int i = 1; i < 300; ++i) hours.holidays.push_back({day("2026-03-01") + i, "", {}});
  CHECK(opens_next(hours, utc("2026-03-01 12:00")) == utc("2026-12-26 03:30"));
  hours.weekly.clear();
  CHECK_FALSE(opens_next(hours, utc("2026-03-01 12:00")));
}

TEST_CASE("time zones are those of the IANA database, by their names") {
  CHECK(is_time_zone("Asia/Kolkata"));
  CHECK(is_time_zone("UTC"));
  for (const char* bad : {"", "Kolkata", "Asia/Atlantis", "../../etc/passwd", "Asia/Kolkata\n"})
    CHECK_FALSE(is_time_zone(bad));
  CHECK_FALSE(is_open_at(every_day("Asia/Atlantis", span("00:00", "24:00")), utc("2026-03-01 12:00")));
}

TEST_CASE("dates and times of day are read as they are written") {
  for (const char* good : {"1970-01-01", "2024-02-29", "9999-12-31"}) CHECK(to_string(*parse_date(good)) == good);
  for (const char* bad :
       {"", "2026-2-1", "2026-02-30", "1969-12-31", "2026-13-01", "2026/01/01", "2026-01-01T", "-026-01-01"})
    CHECK_FALSE(parse_date(bad));
  CHECK(weekday_of(day("2026-03-01")) == weekday::sunday);
  for (const char* good : {"00:00", "09:05", "23:59", "24:00"})
    CHECK(time_of_day_text(*parse_time_of_day(good)) == good);
  for (const char* bad : {"", "9:00", "24:01", "12:60", "12-00", "ab:cd", "12:000"})
    CHECK_FALSE(parse_time_of_day(bad));
  CHECK(time_of_day_text(day_minutes{26h}) == "02:00");
}
