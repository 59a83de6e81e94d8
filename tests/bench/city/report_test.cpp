#include "bench/city/report.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "bench/city/progress.hpp"

using namespace dabba::city;

namespace {

day_report good_day() {
  day_report r;
  r.instance = "synthetic-1";
  r.speed = 60;
  r.measures.orders = 4;
  r.measures.delivered = 2;
  r.measures.click_to_door = 30.5;
  r.counts.offers = 8;
  r.counts.requests["checkout"] = {3, 0, 0, 0, {1.0F, 2.0F, 30.0F}};
  r.by_status = {{"DELIVERED", 2}, {"CANCELLED", 1}, {"REJECTED", 1}};
  r.checked = true;
  return r;
}

}  // namespace

TEST_CASE("a day is good when nothing failed and the checker, which ran, found nothing") {
  auto r = good_day();
  CHECK(r.good());
  r.checked = false;
  CHECK_FALSE(r.good());
  r = good_day();
  r.error_count = 1;
  CHECK_FALSE(r.good());
  r = good_day();
  r.violations.push_back({"I2", "a gap"});
  CHECK_FALSE(r.good());
}

TEST_CASE("the table tells people how it went") {
  const auto text = report_table(good_day());
  for (const char* words :
       {"mean 30.50 min, p90 -", "8 (2.00 per order)", "found nothing", "checkout", "left as REJECTED"})
    CHECK(text.find(words) != std::string::npos);
}

TEST_CASE("the JSON tells programs, with null for what is not known") {
  const auto json = nlohmann::json::parse(report_json(good_day()));
  CHECK(json["good"] == true);
  CHECK(json["measures"]["byStatus"]["DELIVERED"] == 2);
  CHECK(json["measures"]["clickToDoorMinutes"]["mean"] == 30.5);
  CHECK(json["measures"]["excessMinutes"].is_null());
  CHECK(json["traffic"]["requests"]["checkout"]["p50Ms"] == 2.0);
  CHECK(json["traffic"]["requests"]["checkout"]["p99Ms"] == 30.0);
}

TEST_CASE("an order that was never taken is counted as such") {
  instance day;
  day.orders.resize(2);
  day_record record{day};
  record.orders[0].final_status = "DELIVERED";
  CHECK(count_by_status(record) == std::map<std::string, std::size_t>{{"DELIVERED", 1}, {"NOT_PLACED", 1}});
}

TEST_CASE("the progress bar fills as orders end") {
  CHECK(progress_line({at_minute(90), at_minute(400), 240, 120, 60, 55}, 8) ==
        "01:30 [##------] 120 placed, 60 open, 55 of 240 delivered");
  CHECK(progress_line({at_minute(90), at_minute(400), 240, 240, 0, 240}, 8).find("[########]") != std::string::npos);
}
