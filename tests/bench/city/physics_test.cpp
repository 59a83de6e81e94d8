#include "bench/city/physics.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace dabba::city;
using namespace std::chrono_literals;

namespace {

// 320 m a minute, four minutes of service at either end.
const day_parameters rules{};

partner_body at_origin(double on_minute = 0) { return {rules, {"c1", {0, 0}, at_minute(on_minute), at_minute(600)}}; }

}  // namespace

TEST_CASE("travel takes the Euclidean distance at speed, rounded up to a whole second") {
  CHECK(travel_time({0, 0}, {3200, 0}, 320) == 600s);
  CHECK(travel_time({0, 0}, {300, 400}, 320) == 94s);  // 93.75 s
  CHECK(travel_time({0, 0}, {1, 0}, 320) == 1s);
  CHECK(travel_time({7, 7}, {7, 7}, 320) == 0s);
  // 2.2 times 60 divided by 132 is 1 and comes out a hair above it.
  CHECK(travel_time({0, 0}, {2.2, 0}, 132) == 1s);
}

TEST_CASE("food that is ready is picked up half the service time after arrival") {
  auto body = at_origin();
  CHECK(body.drive({"r1", {3200, 0}}, at_minute(5)) == at_minute(15));
  CHECK(body.pickup_time(at_minute(10)) == at_minute(17));
  CHECK(body.pick_up(at_minute(10)) == at_minute(17));
  CHECK(body.free_at() == at_minute(19));
}

TEST_CASE("who comes early waits for the food and leaves half the service time later") {
  auto body = at_origin();
  body.drive({"r1", {3200, 0}}, at_minute(5));
  CHECK(body.pick_up(at_minute(30)) == at_minute(30));
  CHECK(body.free_at() == at_minute(32));
}

TEST_CASE("a drop-off happens half its service time after arrival and takes as long again") {
  auto body = at_origin();
  body.drive({"r1", {3200, 0}}, at_minute(5));
  body.pick_up(at_minute(10));
  CHECK(body.drive({"o1", {3200, 1600}}, body.free_at()) == at_minute(24));
  CHECK(body.drop_off() == at_minute(26));
  CHECK(body.free_at() == at_minute(28));
  CHECK(body.worked() == 10min + 4min + 5min + 4min);
}

TEST_CASE("nobody changes course: the next drive begins where and when the one before it ends") {
  auto body = at_origin();
  body.drive({"r1", {3200, 0}}, at_minute(5));
  CHECK(body.drive({"r2", {3200, 3200}}, at_minute(7)) == at_minute(25));
  REQUIRE(body.legs().size() == 2);
  CHECK(body.legs()[0].from.name == shift_start_name);
  CHECK(body.legs()[1].from.name == "r1");
  CHECK(body.legs()[1].depart == at_minute(15));
}

TEST_CASE("nobody drives before the shift begins") {
  auto body = at_origin(60);
  body.drive({"r1", {320, 0}}, at_minute(5));
  CHECK(body.legs()[0].depart == at_minute(60));
}

TEST_CASE("a position moves evenly along the leg and stands still at its ends") {
  auto body = at_origin();
  body.drive({"r1", {3200, 0}}, at_minute(10));
  CHECK(body.position(at_minute(3)) == point{0, 0});
  CHECK(body.driving(at_minute(3)) == nullptr);
  CHECK(body.position(at_minute(15)) == point{1600, 0});
  REQUIRE(body.driving(at_minute(15)) != nullptr);
  CHECK(body.driving(at_minute(15))->to.name == "r1");
  CHECK(body.position(at_minute(20)) == point{3200, 0});
  CHECK(body.driving(at_minute(20)) == nullptr);
  body.drive({"o1", {3200, 320}}, at_minute(30));
  CHECK(body.position(at_minute(15)) == point{1600, 0});
  CHECK(body.position(at_minute(25)) == point{3200, 0});
}

TEST_CASE("the earliest pickup counts the way, the food and what is still under way") {
  auto body = at_origin();
  CHECK(body.earliest_pickup({3200, 0}, at_minute(0), at_minute(5)) == at_minute(17));
  CHECK(body.earliest_pickup({3200, 0}, at_minute(40), at_minute(5)) == at_minute(40));
  body.drive({"r1", {3200, 0}}, at_minute(5));
  CHECK(body.earliest_pickup({3200, 0}, at_minute(0), at_minute(5)) == at_minute(17));
  CHECK(body.earliest_pickup({3200, 320}, at_minute(0), at_minute(5)) == at_minute(18));
}
