#include "bench/city/instance.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "tests/bench/city/temporary_folder.hpp"

using namespace dabba::city;

namespace {

void write_small_day(const temporary_folder& folder) {
  folder.write("restaurants.txt", "restaurant\tx\ty\nr1\t100\t200\nr2\t300\t400.5\n");
  folder.write("orders.txt", "order\tx\ty\tplacement_time\trestaurant\tready_time\no1\t0\t0\t10\tr2\t20.5\r\n\n");
  folder.write("couriers.txt", "courier x y on_time off_time\nc1 1 2 0 90\n");
  folder.write("instance_parameters.txt", "a\tb\tc\td\te\tf\tg\n320\t4\t3\t40\t90\t10\t15\n");
}

/// Where the public instances are, if this machine has them.
std::optional<std::filesystem::path> public_instances() {
  if (const char* named = std::getenv("DABBA_MDRP")) return named;
  for (const char* near : {"../shared/data/mdrp", "../../shared/data/mdrp"})
    if (std::filesystem::is_directory(near)) return near;
  return std::nullopt;
}

}  // namespace

TEST_CASE("an instance is read with tabs or blanks, carriage returns and empty lines") {
  const temporary_folder folder;
  write_small_day(folder);
  const auto day = read_instance(folder.path());
  REQUIRE(day);
  CHECK(day->name == folder.path().filename());
  REQUIRE(day->restaurants.size() == 2);
  CHECK(day->restaurants[1].at == point{300, 400.5});
  REQUIRE(day->orders.size() == 1);
  CHECK(day->orders[0].restaurant == 1);
  CHECK(day->orders[0].placed == at_minute(10));
  CHECK(day->orders[0].ready == at_minute(20.5));
  REQUIRE(day->partners.size() == 1);
  CHECK(day->partners[0].off == at_minute(90));
  CHECK(day->parameters.metres_per_minute == 320);
  CHECK(day->parameters.dropoff_service == std::chrono::minutes{3});
  CHECK(day->last_placement() == at_minute(10));
}

TEST_CASE("each problem is told with its file and line") {
  const temporary_folder folder;
  write_small_day(folder);
  folder.write("orders.txt",
               "order\tx\ty\tplacement_time\trestaurant\tready_time\n"
               "o1\t0\tnorth\t10\tr2\t20\n"
               "o2\t0\t0\t10\tr9\t20\n"
               "o3\t0\t0\n"
               "o4\t0\t0\t30\tr1\t20\n"
               "o4\t0\t0\t30\tr1\t40\n");
  const auto day = read_instance(folder.path());
  REQUIRE_FALSE(day);
  const auto& lines = day.error().lines;
  const auto told = [&](const std::string& line, const std::string& what) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& text) {
      return text.find("orders.txt:" + line + ":") != text.npos && text.find(what) != text.npos;
    });
  };
  CHECK(told("2", "'north'"));
  CHECK(told("3", "'r9'"));
  CHECK(told("4", "3 columns"));
  CHECK(told("5", "ready before"));
  CHECK(told("6", "twice"));
  CHECK(lines.size() == 5);
}

TEST_CASE("a missing file is named") {
  const temporary_folder folder;
  write_small_day(folder);
  std::filesystem::remove(folder.path() / "couriers.txt");
  const auto day = read_instance(folder.path());
  REQUIRE_FALSE(day);
  REQUIRE(day.error().lines.size() == 1);
  CHECK(day.error().lines[0].find("couriers.txt") != std::string::npos);
}

TEST_CASE("an instance that is written reads back the same") {
  const temporary_folder folder, copy;
  write_small_day(folder);
  const auto day = read_instance(folder.path());
  REQUIRE(day);
  write_instance(*day, copy.path());
  const auto again = read_instance(copy.path());
  REQUIRE(again);
  CHECK(again->orders[0].ready == day->orders[0].ready);
  CHECK(again->orders[0].restaurant == day->orders[0].restaurant);
  CHECK(again->restaurants[1].at == day->restaurants[1].at);
  CHECK(again->partners[0].on == day->partners[0].on);
  CHECK(again->parameters.target_click_to_door == day->parameters.target_click_to_door);
}

TEST_CASE("the public instances are read whole") {
  const auto folder = public_instances();
  if (!folder) SKIP("no MDRP instances here: set DABBA_MDRP to their folder");
  struct expected {
    const char* name;
    std::size_t restaurants, orders, partners;
  };
  for (const auto& e : {expected{"0o100t100s1p100", 116, 505, 113}, expected{"7o100t100s1p100", 254, 3213, 404}}) {
    const auto day = read_instance(*folder / e.name);
    REQUIRE(day);
    CHECK(day->name == e.name);
    CHECK(day->restaurants.size() == e.restaurants);
    CHECK(day->orders.size() == e.orders);
    CHECK(day->partners.size() == e.partners);
  }
}
