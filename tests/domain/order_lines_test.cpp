#include "actors/domain/order_lines.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/protocols/samples.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t small = 21, large = 22, cheese = 23, olives = 24, basil = 25;

modifier_option option(std::uint64_t id, std::int64_t price, item_availability available = {}) {
  return {nth<option_id>(id), "option " + std::to_string(id), {price}, available};
}

menu_item item(std::uint64_t n, std::int64_t price, std::vector<group_id> groups = {}) {
  return {nth<item_id>(n), "dish " + std::to_string(n), "", "", food_type::veg, {price}, currency::INR, {}, groups};
}

/// A pizza with one size and up to two toppings, and a plain coffee.
menu pizzeria() {
  menu out;
  out.groups.push_back({nth<group_id>(1), "Size", 1, 1, {option(small, 0), option(large, 80'00)}});
  out.groups.push_back({nth<group_id>(2),
                        "Toppings",
                        0,
                        2,
                        {option(cheese, 25'00), option(olives, 15'50), option(basil, 5'00, {false, noon + 1h})}});
  out.items = {item(1, 199'00, {nth<group_id>(1), nth<group_id>(2)}), item(2, 45'50)};
  return out;
}

wanted_line pizza_with(std::vector<std::uint64_t> options, std::int32_t quantity = 1) {
  wanted_line out{nth<item_id>(1), quantity, "", {}};
  for (auto each : options) out.choices.push_back(nth<option_id>(each));
  return out;
}

refused_line refusal(const std::vector<wanted_line>& wanted, instant now = noon) {
  auto lines = price(pizzeria(), wanted, now);
  REQUIRE_FALSE(lines);
  return lines.error();
}

}  // namespace

TEST_CASE("a line costs its item and what was chosen, each of them kept by name and price") {
  auto lines = price(pizzeria(), {{nth<item_id>(2), 3, "no sugar"}, pizza_with({olives, large, cheese}, 2)}, noon);
  REQUIRE(lines);
  REQUIRE(lines->size() == 2);
  CHECK(lines->at(0) == order_line{nth<item_id>(2), "dish 2", 3, {45'50}, "no sugar"});
  CHECK(lines->at(1).unit_price == minor_units{199'00 + 80'00 + 25'00 + 15'50});
  CHECK(lines->at(1).price() == minor_units{2 * 319'50});
  // As they stand on the menu, in whichever sequence they were chosen.
  CHECK(lines->at(1).choices == sparse_list<chosen_option>{{nth<option_id>(large), "Size", "option 22", {80'00}},
                                                           {nth<option_id>(cheese), "Toppings", "option 23", {25'00}},
                                                           {nth<option_id>(olives), "Toppings", "option 24", {15'50}}});
}

TEST_CASE("choices are those that the item's groups ask for") {
  wanted_line coffee{nth<item_id>(2), 1, ""};
  for (const auto& wrong : {pizza_with({}), pizza_with({cheese}), pizza_with({small, large}),
                            pizza_with({small, small}), pizza_with({small, cheese, cheese}), pizza_with({small, 99})})
    CHECK(refusal({coffee, wrong}) == refused_line{errc::invalid_choices, 1});
  coffee.choices = {nth<option_id>(cheese)};
  CHECK(refusal({coffee}) == refused_line{errc::invalid_choices, 0});
  auto all = pizzeria();
  all.groups[1].options[2].available = {};
  CHECK(price(all, {pizza_with({small, cheese, olives, basil})}, noon).error().why == errc::invalid_choices);
}

TEST_CASE("an option that is not to be had is refused until it returns by itself") {
  CHECK(refusal({pizza_with({small, basil})}) == refused_line{errc::item_unavailable, 0});
  CHECK(price(pizzeria(), {pizza_with({small, basil})}, noon + 1h));
}

TEST_CASE("an item that is not to be had is refused until it returns by itself") {
  auto offered = pizzeria();
  offered.items[1].available = {false, noon + 10min};
  std::vector<wanted_line> wanted{{nth<item_id>(2), 1, ""}};
  CHECK(price(offered, wanted, noon + 10min - 1us).error() == refused_line{errc::item_unavailable, 0});
  CHECK(price(offered, wanted, noon + 10min));
  offered.items[1].available = {false, {}};
  CHECK_FALSE(price(offered, wanted, noon + 24h));
}

TEST_CASE("what can't be sold is refused by its own name") {
  CHECK(refusal({}) == refused_line{errc::invalid_argument, {}});
  CHECK(refusal({pizza_with({small}), {nth<item_id>(77), 1, ""}}) == refused_line{errc::item_not_found, 1});
  auto mixed = pizzeria();
  mixed.items[1].money = currency::EUR;
  auto lines = price(mixed, {pizza_with({small}), {nth<item_id>(2), 1, ""}}, noon);
  CHECK(lines.error() == refused_line{errc::invalid_argument, 1});
}
