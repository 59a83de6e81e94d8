#include "bench/city/day_record.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <nlohmann/json.hpp>

#include "bench/city/generator.hpp"
#include "bench/city/subprocess.hpp"
#include "tests/bench/city/nearest_day.hpp"
#include "tests/bench/city/temporary_folder.hpp"

using namespace dabba::city;
using Catch::Matchers::WithinAbs;

namespace {

/// One restaurant at the origin, doors 10 and 5 minutes away, and a partner beside the restaurant.
instance small_day() {
  instance day;
  day.restaurants.push_back({"r1", {0, 0}});
  day.orders.push_back({"o1", {3200, 0}, at_minute(0), 0, at_minute(10)});
  day.orders.push_back({"o2", {0, 1600}, at_minute(5), 0, at_minute(12)});
  day.orders.push_back({"o3", {0, 1600}, at_minute(6), 0, at_minute(12)});
  day.partners.push_back({"c1", {0, 320}, at_minute(0), at_minute(60)});
  day.partners.push_back({"c2", {0, 320}, at_minute(0), at_minute(180)});
  return day;
}

/// c1 carries o1 and o2 as one job: to r1 by 3, both ready at 12, at o2's door by 19, at o1's by 34.
day_record small_record(const instance& day) {
  day_record record{day};
  partner_body body{day.parameters, day.partners[0]};
  body.drive({"r1", {0, 0}}, at_minute(2));
  const auto picked_up = body.pick_up(at_minute(12));
  body.drive({"o2", {0, 1600}}, body.free_at());
  record.orders[1] = {picked_up, body.drop_off(), 0, "DELIVERED"};
  body.drive({"o1", {3200, 0}}, body.free_at());
  record.orders[0] = {picked_up, body.drop_off(), 0, "DELIVERED"};
  record.orders[2].final_status = "CANCELLED";
  record.jobs.push_back({at_minute(2), picked_up, 0, {1, 0}});
  record.legs[0] = body.legs();
  record.worked[0] = body.worked();
  return record;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::optional<std::string> evaluator() {
  if (const char* named = std::getenv("DABBA_MDRP_EVAL")) return named;
  for (const char* near : {"../shared/tools/mdrp_eval.py", "../../shared/tools/mdrp_eval.py"})
    if (std::filesystem::exists(near)) return near;
  return std::nullopt;
}

}  // namespace

TEST_CASE("the measures of a day computed by hand") {
  const auto day = small_day();
  const auto m = measure(day, small_record(day));
  // Picked up at 12, gone at 14, at o2 by 19, dropped off at 21, gone at 23; o1 is sqrt(10^2 + 5^2) minutes further:
  // 11.18, rounded up to 671 s.
  const double o1_door = 23 + 671.0 / 60 + 2;
  CHECK(m.orders == 3);
  CHECK(m.delivered == 2);
  CHECK_THAT(*m.click_to_door, WithinAbs((o1_door + 21 - 5) / 2, 1e-9));
  CHECK_THAT(*m.click_to_door_p90, WithinAbs(o1_door, 1e-9));
  CHECK_THAT(*m.ready_to_pickup, WithinAbs((2.0 + 0.0) / 2, 1e-9));
  // Bounds: o1 10 + 2 + 10 + 2 = 24, o2 7 + 2 + 5 + 2 = 16, o3 6 + 2 + 5 + 2 = 15.
  CHECK_THAT(m.bound, WithinAbs((24.0 + 16 + 15) / 3, 1e-9));
  CHECK_THAT(*m.excess, WithinAbs((o1_door - 24 + 0) / 2, 1e-9));
  CHECK_THAT(*m.overage, WithinAbs(0, 1e-9));
  // c1: two orders at 10 beat an hour at 15; c2: three guaranteed hours.
  CHECK_THAT(m.cost_per_order, WithinAbs((20.0 + 45) / 2, 1e-9));
  CHECK_THAT(m.orders_per_bundle, WithinAbs(2, 1e-9));
  // Drives of 1, 5 and 671 s, services of 4 + 4 + 4, in shifts of 60 + 180.
  CHECK_THAT(m.utilisation, WithinAbs((1 + 5 + 671.0 / 60 + 12) / 240, 1e-9));
}

TEST_CASE("a day without a delivery has no means") {
  const auto day = small_day();
  const auto m = measure(day, day_record{day});
  CHECK(m.delivered == 0);
  CHECK_FALSE(m.click_to_door);
  CHECK_FALSE(m.excess);
  CHECK_THAT(m.cost_per_order, WithinAbs(60, 1e-9));
}

TEST_CASE("the solution files name what was driven and delivered, and nothing else") {
  const auto day = small_day();
  auto record = small_record(day);
  // A job whose only order was taken away is not in the file of assignments; the legs driven for it stay.
  record.jobs.push_back({at_minute(40), at_minute(45), 1, {2}});
  record.legs[1].push_back({{"0", {0, 320}}, {"r1", {0, 0}}, at_minute(40), at_minute(41)});
  const temporary_folder folder;
  write_solution(day, record, folder.path());
  CHECK(content(folder.path() / "solution_info_assignments.txt") ==
        "assignment_time pickup_time courier order\n2.00000 12.00000 c1 o2 o1\n");
  CHECK(content(folder.path() / "solution_info_orders.txt") ==
        "order placement_time ready_time pickup_time dropoff_time courier\n"
        "o1 0.00000 10.00000 12.00000 36.18333 c1\n"
        "o2 5.00000 12.00000 12.00000 21.00000 c1\n");
  CHECK(content(folder.path() / "solution_info_couriers.txt") ==
        "courier departure_time origin destination\n"
        "c1 2.00000 0 r1\nc1 14.00000 r1 o2\nc1 23.00000 o2 o1\nc2 40.00000 0 r1\n");
}

TEST_CASE("the evaluator of the problem agrees with our measures and finds the files feasible") {
  const auto program = evaluator();
  if (!program) SKIP("no evaluator here: set DABBA_MDRP_EVAL to mdrp_eval.py");
  const auto day = generate_city(3);
  const auto record = serve_by_nearest(day);
  const temporary_folder folder;
  write_instance(day, folder.path() / "instance");
  write_solution(day, record, folder.path());
  const auto said = nlohmann::json::parse(
      run_with_input({"python3", *program, (folder.path() / "instance").string(), folder.path().string()}, ""));
  const auto m = measure(day, record);
  CHECK(said["feasible"] == true);
  CHECK(said["undelivered"] == m.orders - m.delivered);
  CHECK_THAT(said["click_to_door"].get<double>(), WithinAbs(*m.click_to_door, 2e-3));
  CHECK_THAT(said["click_to_door_p90"].get<double>(), WithinAbs(*m.click_to_door_p90, 1e-2));
  CHECK_THAT(said["excess"].get<double>(), WithinAbs(*m.excess, 2e-3));
  CHECK_THAT(said["bound"].get<double>(), WithinAbs(m.bound, 2e-3));
  CHECK_THAT(said["ready_to_pickup"].get<double>(), WithinAbs(*m.ready_to_pickup, 2e-3));
  CHECK_THAT(said["overage"].get<double>(), WithinAbs(*m.overage, 2e-3));
  CHECK_THAT(said["cost_per_order"].get<double>(), WithinAbs(m.cost_per_order, 1e-2));
  CHECK_THAT(said["orders_per_bundle"].get<double>(), WithinAbs(m.orders_per_bundle, 2e-3));
}
