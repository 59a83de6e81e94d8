#include "actors/domain/restaurant_machine.hpp"

#include <catch2/catch_test_macros.hpp>

#include "protocols/model/limits.hpp"
#include "tests/protocols/samples.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

tl::expected<std::vector<restaurant_event>, errc> carry_out(restaurant& state, const restaurant_command& command) {
  auto events = decide(state, command);
  if (events)
    for (const auto& e : *events) apply(state, e);
  return events;
}

register_restaurant registration() {
  return {
      {nth<user_id>(9), "Vidyarthi Bhavan", "since 1943", {"32, Gandhi Bazaar", kitchen}, {"+91 80", ""}, "L1", "G1"}};
}

menu_item item(std::uint64_t n, std::int64_t price, bool available = true, currency money = currency::INR) {
  return {nth<item_id>(n), "dish " + std::to_string(n), "", "", food_type::veg, {price}, money, available};
}

restaurant open_restaurant() {
  restaurant x;
  x.id = nth<restaurant_id>(1);
  REQUIRE(carry_out(x, registration()));
  REQUIRE(carry_out(x, verify_restaurant{verification_decision::approve, ""}));
  REQUIRE(carry_out(x, set_restaurant_status{restaurant_status::online}));
  REQUIRE(carry_out(x, add_menu_item{item(1, 120'00)}));
  REQUIRE(carry_out(x, add_menu_item{item(2, 45'50)}));
  return x;
}

}  // namespace

TEST_CASE("a new restaurant waits to be verified and takes no orders") {
  restaurant x;
  REQUIRE(carry_out(x, registration()));
  CHECK(x.version == 1);
  CHECK(x.profile == registration().profile);
  CHECK(x.verification == verification_status::pending_verification);
  CHECK_FALSE(is_open(x));
  CHECK(decide(x, set_restaurant_status{restaurant_status::online}).error() == errc::restaurant_not_active);
}

TEST_CASE("nothing can be asked of a restaurant that was never registered") {
  restaurant x;
  for (const auto& command : {restaurant_command{verify_restaurant{}}, restaurant_command{set_restaurant_status{}},
                              restaurant_command{add_menu_item{}}})
    CHECK(decide(x, command).error() == errc::restaurant_not_found);
  CHECK(price(x, {{nth<item_id>(1), 1, ""}}).error() == errc::restaurant_not_found);
}

TEST_CASE("a restaurant is registered once and verified once") {
  auto x = open_restaurant();
  CHECK(decide(x, registration()).error() == errc::illegal_transition);
  CHECK(decide(x, verify_restaurant{verification_decision::reject, "too late"}).error() == errc::illegal_transition);
}

TEST_CASE("a rejected restaurant keeps the reason and stays closed") {
  restaurant x;
  REQUIRE(carry_out(x, registration()));
  REQUIRE(carry_out(x, verify_restaurant{verification_decision::reject, "licence expired"}));
  CHECK(x.verification == verification_status::rejected);
  CHECK(x.rejection_reason == "licence expired");
  CHECK(decide(x, set_restaurant_status{restaurant_status::online}).error() == errc::restaurant_not_active);
  CHECK(decide(x, verify_restaurant{verification_decision::approve, ""}).error() == errc::illegal_transition);
}

TEST_CASE("opening what is open is no event") {
  auto x = open_restaurant();
  CHECK(is_open(x));
  CHECK(decide(x, set_restaurant_status{restaurant_status::online})->empty());
  REQUIRE(carry_out(x, set_restaurant_status{restaurant_status::offline}));
  CHECK_FALSE(is_open(x));
}

TEST_CASE("a menu may be filled before the restaurant is verified, up to its bound") {
  restaurant x;
  REQUIRE(carry_out(x, registration()));
  for (std::uint64_t i = 0; i < limits::items_per_menu; ++i) REQUIRE(carry_out(x, add_menu_item{item(i, 1)}));
  CHECK(decide(x, add_menu_item{item(99'999, 1)}).error() == errc::invalid_argument);
  CHECK(x.version == 1 + limits::items_per_menu);
}

TEST_CASE("lines are priced from the menu, in the sequence asked for") {
  auto lines = price(open_restaurant(), {{nth<item_id>(2), 3, "no sugar"}, {nth<item_id>(1), 1, ""}});
  REQUIRE(lines);
  REQUIRE(lines->size() == 2);
  CHECK(lines->at(0) == order_line{nth<item_id>(2), "dish 2", 3, {45'50}, "no sugar"});
  CHECK(lines->at(0).price() == minor_units{136'50});
  CHECK(lines->at(1).name == "dish 1");
}

TEST_CASE("what can't be had is refused by its own name") {
  auto x = open_restaurant();
  REQUIRE(carry_out(x, add_menu_item{item(3, 10'00, false)}));
  CHECK(decide(x, add_menu_item{item(4, 10'00, true, currency::EUR)}).error() == errc::currency_mismatch);
  CHECK(price(x, {}).error() == errc::invalid_argument);
  CHECK(price(x, {{nth<item_id>(77), 1, ""}}).error() == errc::item_not_found);
  CHECK(price(x, {{nth<item_id>(1), 1, ""}, {nth<item_id>(3), 1, ""}}).error() == errc::item_unavailable);
  REQUIRE(carry_out(x, set_restaurant_status{restaurant_status::offline}));
  CHECK(price(x, {{nth<item_id>(1), 1, ""}}).error() == errc::restaurant_closed);
}
