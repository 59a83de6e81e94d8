#include "actors/domain/restaurant_machine.hpp"

#include <catch2/catch_test_macros.hpp>

#include "protocols/model/limits.hpp"
#include "tests/domain/restaurant_script.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

restaurant_with_menu rejected_restaurant() {
  auto x = registered_restaurant();
  REQUIRE(carry_out(x, verify_restaurant{verification_decision::reject, "licence expired"}));
  return x;
}

restaurant_document licence() {
  return {nth<document_id>(1), document_kind::food_licence, "11216335000123", "", "", parse_date("2027-03-31")};
}

opening_hours mornings() {
  opening_hours out{"Asia/Kolkata", {}, {}};
  for (int i = 0; i < 7; ++i) out.weekly.push_back({static_cast<weekday>(i), {day_minutes{6h}, day_minutes{11h}}});
  return out;
}

}  // namespace

TEST_CASE("a new restaurant waits to be verified and takes no orders") {
  auto x = registered_restaurant();
  CHECK(x.about.version == 1);
  CHECK(x.about.profile == registration().profile);
  CHECK(x.about.verification == verification_status::pending_verification);
  CHECK_FALSE(is_online(x.about));
  CHECK_FALSE(takes_orders(x.about, noon));
  CHECK(refusal_of(x, set_restaurant_status{restaurant_status::online}) == errc::restaurant_not_active);
}

TEST_CASE("nothing can be asked of a restaurant that was never registered") {
  restaurant_with_menu x;
  for (const auto& command :
       {restaurant_command{verify_restaurant{}}, restaurant_command{set_restaurant_status{}},
        restaurant_command{add_menu_item{}}, restaurant_command{set_hours{}}, restaurant_command{change_profile{}}})
    CHECK(refusal_of(x, command) == errc::restaurant_not_found);
}

TEST_CASE("a restaurant is registered once and verified once") {
  auto x = open_restaurant();
  CHECK(refusal_of(x, registration()) == errc::illegal_transition);
  CHECK(refusal_of(x, verify_restaurant{verification_decision::reject, "too late"}) == errc::illegal_transition);
}

TEST_CASE("a rejected restaurant keeps the reason and stays closed") {
  auto x = rejected_restaurant();
  CHECK(x.about.verification == verification_status::rejected);
  CHECK(x.about.rejection_reason == "licence expired");
  CHECK(refusal_of(x, set_restaurant_status{restaurant_status::online}) == errc::restaurant_not_active);
  CHECK(refusal_of(x, verify_restaurant{verification_decision::approve, ""}) == errc::illegal_transition);
}

TEST_CASE("a rejected restaurant that is corrected waits to be verified again") {
  SECTION("by a new licence number") {
    auto x = rejected_restaurant();
    change_profile correction;
    correction.license_number = "L2";
    REQUIRE(carry_out(x, correction));
    CHECK(x.about.verification == verification_status::pending_verification);
    CHECK(x.about.profile.license_number == "L2");
    CHECK(x.about.rejection_reason == "licence expired");  // so that who looks again knows what to look for
    REQUIRE(carry_out(x, verify_restaurant{verification_decision::approve, ""}));
    CHECK(x.about.rejection_reason.empty());
  }
  SECTION("by another paper") {
    auto x = rejected_restaurant();
    REQUIRE(carry_out(x, add_document{licence()}));
    CHECK(x.about.verification == verification_status::pending_verification);
  }
  SECTION("but not by its menu") {
    auto x = rejected_restaurant();
    REQUIRE(carry_out(x, add_menu_item{item(1, 1)}));
    CHECK(x.about.verification == verification_status::rejected);
  }
}

TEST_CASE("an operator takes a restaurant out of service and back") {
  auto x = open_restaurant();
  CHECK(refusal_of(x, verify_restaurant{verification_decision::reactivate, ""}) == errc::illegal_transition);
  REQUIRE(carry_out(x, verify_restaurant{verification_decision::deactivate, "complaints"}));
  CHECK(x.about.verification == verification_status::inactive);
  CHECK(x.about.status == restaurant_status::offline);
  CHECK(x.about.rejection_reason == "complaints");
  CHECK(refusal_of(x, set_restaurant_status{restaurant_status::online}) == errc::restaurant_not_active);
  CHECK(refusal_of(x, verify_restaurant{verification_decision::deactivate, ""}) == errc::illegal_transition);
  REQUIRE(carry_out(x, verify_restaurant{verification_decision::reactivate, ""}));
  CHECK(x.about.verification == verification_status::active);
  CHECK(x.about.status == restaurant_status::offline);  // it goes online when it is ready
  CHECK(x.about.rejection_reason.empty());
}

TEST_CASE("opening what is open is no event") {
  auto x = open_restaurant();
  CHECK(is_online(x.about));
  CHECK(carry_out(x, set_restaurant_status{restaurant_status::online})->empty());
  REQUIRE(carry_out(x, set_restaurant_status{restaurant_status::offline}));
  CHECK_FALSE(is_online(x.about));
}

TEST_CASE("a profile is changed in what is given, and the licence number of a verified restaurant by operators only") {
  auto x = open_restaurant();
  change_profile wanted;
  wanted.description = "";
  wanted.where = address{"33, Gandhi Bazaar", north_of(kitchen, 50)};
  REQUIRE(carry_out(x, wanted));
  auto expected = registration().profile;
  expected.description = "";
  expected.where = *wanted.where;
  CHECK(x.about.profile == expected);
  CHECK(x.about.verification == verification_status::active);
  CHECK(carry_out(x, wanted)->empty());
  change_profile licence_number;
  licence_number.license_number = "L2";
  CHECK(refusal_of(x, licence_number) == errc::illegal_transition);
  licence_number.by_staff = true;
  CHECK(refusal_of(x, licence_number) == errc::none);
}

TEST_CASE("papers are added up to a bound, and removed") {
  auto x = registered_restaurant();
  REQUIRE(carry_out(x, add_document{licence()}));
  CHECK(x.about.documents == std::vector{licence()});
  CHECK(refusal_of(x, remove_document{nth<document_id>(2)}) == errc::document_not_found);
  REQUIRE(carry_out(x, remove_document{nth<document_id>(1)}));
  CHECK(x.about.documents.empty());
  for (std::size_t i = 0; i < limits::documents_per_restaurant; ++i) REQUIRE(carry_out(x, add_document{licence()}));
  CHECK(refusal_of(x, add_document{licence()}) == errc::limit_reached);
}

TEST_CASE("a restaurant takes orders within its hours, and says when it opens again") {
  auto x = open_restaurant();
  CHECK(takes_orders(x.about, noon));  // 17:00 on its clock
  REQUIRE(carry_out(x, set_hours{mornings()}));
  CHECK_FALSE(takes_orders(x.about, noon));
  auto opens = takes_orders_again(x.about, noon);
  REQUIRE(opens);
  CHECK(*opens == noon + 13h + 30min);  // 06:00 of the next day
  CHECK(takes_orders(x.about, *opens));
  CHECK_FALSE(takes_orders_again(x.about, *opens));
  CHECK(carry_out(x, set_hours{mornings()})->empty());
  REQUIRE(carry_out(x, set_restaurant_status{restaurant_status::offline}));
  CHECK_FALSE(takes_orders(x.about, *opens));
  CHECK_FALSE(takes_orders_again(x.about, noon));  // nobody knows when it goes online
  REQUIRE(carry_out(x, set_restaurant_status{restaurant_status::online}));
  REQUIRE(carry_out(x, set_hours{}));
  CHECK(takes_orders(x.about, noon));
  auto nowhere = mornings();
  nowhere.time_zone = "Asia/Atlantis";
  CHECK(refusal_of(x, set_hours{nowhere}) == errc::unknown_time_zone);
}

TEST_CASE("kitchen settings are changed in what is given, set or taken away") {
  auto x = open_restaurant();
  change_kitchen wanted;
  wanted.preparation_minutes = {true, 20};
  wanted.busy_until = {true, noon + 1h};
  wanted.busy_minutes = 10;
  wanted.accepts_itself = true;
  REQUIRE(carry_out(x, wanted));
  CHECK(x.about.kitchen == kitchen_settings{20, noon + 1h, 10, true, {}, {}, 15});
  CHECK(carry_out(x, wanted)->empty());
  change_kitchen less;
  less.preparation_minutes = {true, {}};
  less.accept_minutes = {true, 3};
  REQUIRE(carry_out(x, less));
  CHECK(x.about.kitchen == kitchen_settings{{}, noon + 1h, 10, true, 3, {}, 15});
}

TEST_CASE("a busy kitchen takes longer, until it is busy no more") {
  kitchen_settings x{20, noon + 1h, 10, true, 3, {}, 15};
  CHECK(terms_at(x, 15, noon) == kitchen_terms{30, 3, true});
  CHECK(terms_at(x, 15, noon + 1h) == kitchen_terms{20, 3, true});
  x.preparation_minutes.reset();
  CHECK(terms_at(x, 15, noon) == kitchen_terms{25, 3, true});
  CHECK(terms_at(x, 15, noon + 1h) == kitchen_terms{0, 3, true});
}

TEST_CASE("a delivery area is set when it is one, and taken away") {
  auto x = open_restaurant();
  delivery_area near{metres{5000}, {}};
  REQUIRE(carry_out(x, set_delivery_area{near}));
  CHECK(x.about.area == near);
  CHECK(carry_out(x, set_delivery_area{near})->empty());
  CHECK(refusal_of(x, set_delivery_area{delivery_area{}}) == errc::invalid_delivery_area);
  REQUIRE(carry_out(x, set_delivery_area{}));
  CHECK_FALSE(x.about.area);
}
