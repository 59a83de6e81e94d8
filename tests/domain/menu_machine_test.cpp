#include <catch2/catch_test_macros.hpp>

#include "protocols/model/limits.hpp"
#include "tests/domain/restaurant_script.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

modifier_group size_group(std::uint64_t n = 1) {
  modifier_option regular{nth<option_id>(10 * n), "Regular", {0}, {}};
  modifier_option large{nth<option_id>(10 * n + 1), "Large", {40'00}, {}};
  return {nth<group_id>(n), "Size", 1, 1, {regular, large}};
}

menu_item item_in(std::uint64_t n, std::string category) {
  auto out = item(n, 100'00);
  out.category = std::move(category);
  return out;
}

std::vector<std::string> category_names(const restaurant_with_menu& x) {
  std::vector<std::string> out;
  for (const auto& each : x.menu->categories) out.push_back(each.name);
  return out;
}

category_id id_of(const restaurant_with_menu& x, std::string_view name) {
  auto found = std::ranges::find(x.menu->categories, name, &menu_category::name);
  REQUIRE(found != x.menu->categories.end());
  return found->id;
}

}  // namespace

TEST_CASE("a menu may be filled before the restaurant is verified, up to its bound") {
  auto x = registered_restaurant();
  auto full = *x.menu;
  for (std::uint64_t i = 0; i < limits::items_per_menu; ++i) full.items.push_back(item(i, 1));
  x.menu = full;
  CHECK(refusal_of(x, add_menu_item{item(99'999, 1)}) == errc::limit_reached);
  REQUIRE(carry_out(x, remove_menu_item{nth<item_id>(7)}));
  CHECK(carry_out(x, add_menu_item{item(99'999, 1)}));
}

TEST_CASE("the text of a menu has a bound, too") {
  auto x = open_restaurant();
  auto full = *x.menu;
  full.items[0].description = std::string(limits::menu_text_bytes - 100, 'x');
  x.menu = full;
  auto wordy = item(3, 1);
  wordy.description = std::string(100, 'y');
  CHECK(refusal_of(x, add_menu_item{wordy}) == errc::limit_reached);
  change_menu_item longer;
  longer.item = nth<item_id>(2);
  longer.description = wordy.description;
  CHECK(refusal_of(x, longer) == errc::limit_reached);
  longer.item = nth<item_id>(1);
  CHECK(refusal_of(x, longer) == errc::none);  // it becomes shorter
}

TEST_CASE("an item is changed in what is given") {
  auto x = open_restaurant();
  change_menu_item wanted;
  wanted.item = nth<item_id>(1);
  wanted.price = minor_units{130'00};
  wanted.category = "Dosas";
  REQUIRE(carry_out(x, wanted));
  auto expected = item(1, 130'00);
  expected.category = "Dosas";
  CHECK(x.menu->items[0] == expected);
  CHECK(category_names(x) == std::vector<std::string>{"Dosas"});
  CHECK(carry_out(x, wanted)->empty());
  wanted.item = nth<item_id>(77);
  CHECK(refusal_of(x, wanted) == errc::item_not_found);
}

TEST_CASE("all items of a menu are in one currency, whichever it is") {
  auto x = open_restaurant();
  CHECK(refusal_of(x, add_menu_item{item(3, 1, true, currency::EUR)}) == errc::currency_mismatch);
  change_menu_item wanted;
  wanted.item = nth<item_id>(1);
  wanted.money = currency::EUR;
  CHECK(refusal_of(x, wanted) == errc::currency_mismatch);
  REQUIRE(carry_out(x, remove_menu_item{nth<item_id>(2)}));
  CHECK(refusal_of(x, wanted) == errc::none);
}

TEST_CASE("an item that is not available returns by itself at its time") {
  auto x = open_restaurant();
  item_availability away{false, noon + 2h};
  REQUIRE(carry_out(x, set_item_availability{nth<item_id>(1), away}));
  CHECK(carry_out(x, set_item_availability{nth<item_id>(1), away})->empty());
  const auto& seen = x.menu->items[0].available;
  CHECK_FALSE(seen.at(noon + 2h - 1us));
  CHECK(seen.at(noon + 2h));
  CHECK(returns_of(*x.menu) == std::vector{noon + 2h});
  CHECK(refusal_of(x, set_item_availability{nth<item_id>(1), {false, noon}}) == errc::invalid_argument);
  CHECK(refusal_of(x, set_item_availability{nth<item_id>(1), {true, noon + 1h}}) == errc::invalid_argument);
  CHECK(refusal_of(x, set_item_availability{nth<item_id>(77), away}) == errc::item_not_found);
}

TEST_CASE("an item that is removed is gone") {
  auto x = open_restaurant();
  REQUIRE(carry_out(x, remove_menu_item{nth<item_id>(1)}));
  CHECK(x.menu->items.size() == 1);
  CHECK(refusal_of(x, remove_menu_item{nth<item_id>(1)}) == errc::item_not_found);
}

TEST_CASE("a menu lists the categories that its items name, after those that were made") {
  auto x = open_restaurant();
  REQUIRE(carry_out(x, add_category{{nth<category_id>(1), "Drinks"}}));
  REQUIRE(carry_out(x, add_menu_item{item_in(3, "Dosas")}));
  REQUIRE(carry_out(x, add_menu_item{item_in(4, "Drinks")}));
  CHECK(category_names(x) == std::vector<std::string>{"Drinks", "Dosas"});
  CHECK(refusal_of(x, add_category{{nth<category_id>(2), "Dosas"}}) == errc::category_name_taken);
}

TEST_CASE("a category that is renamed takes its items along") {
  auto x = open_restaurant();
  REQUIRE(carry_out(x, add_menu_item{item_in(3, "Dosas")}));
  auto id = id_of(x, "Dosas");
  REQUIRE(carry_out(x, rename_category{id, "Dosas and vadas"}));
  CHECK(x.menu->items.back().category == "Dosas and vadas");
  CHECK(id_of(x, "Dosas and vadas") == id);
  // The old name is free again, and means another category.
  REQUIRE(carry_out(x, add_menu_item{item_in(4, "Dosas")}));
  CHECK(id_of(x, "Dosas") != id);
  CHECK(refusal_of(x, rename_category{id, "Dosas"}) == errc::category_name_taken);
  CHECK(carry_out(x, rename_category{id, "Dosas and vadas"})->empty());
  CHECK(refusal_of(x, rename_category{nth<category_id>(77), "x"}) == errc::category_not_found);
}

TEST_CASE("categories are shown as they were put in order, which names them all") {
  auto x = open_restaurant();
  for (std::uint64_t i = 1; i < 4; ++i)
    REQUIRE(carry_out(x, add_category{{nth<category_id>(i), "category " + std::to_string(i)}}));
  auto in_order = [](std::vector<std::uint64_t> all) {
    order_categories out;
    for (auto each : all) out.categories.push_back(nth<category_id>(each));
    return out;
  };
  REQUIRE(carry_out(x, in_order({3, 1, 2})));
  CHECK(category_names(x) == std::vector<std::string>{"category 3", "category 1", "category 2"});
  CHECK(carry_out(x, in_order({3, 1, 2}))->empty());
  CHECK(refusal_of(x, in_order({3, 1})) == errc::invalid_argument);
  CHECK(refusal_of(x, in_order({3, 1, 1})) == errc::invalid_argument);
  CHECK(refusal_of(x, in_order({3, 1, 77})) == errc::category_not_found);
}

TEST_CASE("the items of a category that is removed stay, under none") {
  auto x = open_restaurant();
  REQUIRE(carry_out(x, add_menu_item{item_in(3, "Dosas")}));
  auto id = id_of(x, "Dosas");
  REQUIRE(carry_out(x, remove_category{id}));
  CHECK(x.menu->categories.empty());
  CHECK(x.menu->items.back().category.empty());
  CHECK(refusal_of(x, remove_category{id}) == errc::category_not_found);
}

TEST_CASE("categories have a bound, whoever names them") {
  auto x = open_restaurant();
  auto full = *x.menu;
  for (std::uint64_t i = 0; i < limits::categories_per_menu; ++i)
    full.categories.push_back({nth<category_id>(i + 1), "category " + std::to_string(i)});
  x.menu = full;
  CHECK(refusal_of(x, add_category{{nth<category_id>(9999), "one more"}}) == errc::limit_reached);
  CHECK(refusal_of(x, add_menu_item{item_in(3, "one more")}) == errc::limit_reached);
  CHECK(refusal_of(x, add_menu_item{item_in(3, "category 0")}) == errc::none);
}

TEST_CASE("an item asks for the choices of the groups it names, which are there") {
  auto x = open_restaurant();
  REQUIRE(carry_out(x, add_modifier_group{size_group()}));
  auto pizza = item(3, 199'00);
  pizza.groups = {nth<group_id>(1)};
  REQUIRE(carry_out(x, add_menu_item{pizza}));
  CHECK(refusal_of(x, remove_modifier_group{nth<group_id>(1)}) == errc::modifier_group_in_use);
  pizza.groups = {nth<group_id>(1), nth<group_id>(1)};
  CHECK(refusal_of(x, add_menu_item{pizza}) == errc::invalid_argument);
  pizza.groups = {nth<group_id>(77)};
  CHECK(refusal_of(x, add_menu_item{pizza}) == errc::modifier_group_not_found);
  change_menu_item plain;
  plain.item = nth<item_id>(3);
  plain.groups.emplace();
  REQUIRE(carry_out(x, plain));
  REQUIRE(carry_out(x, remove_modifier_group{nth<group_id>(1)}));
  CHECK(x.menu->groups.empty());
  CHECK(refusal_of(x, remove_modifier_group{nth<group_id>(1)}) == errc::modifier_group_not_found);
}

TEST_CASE("a group asks for no more choices than it has options") {
  auto x = open_restaurant();
  auto wrong = [&](std::int32_t least, std::int32_t most) {
    auto group = size_group();
    group.least = least;
    group.most = most;
    return refusal_of(x, add_modifier_group{group});
  };
  CHECK(wrong(0, 2) == errc::none);
  CHECK(wrong(0, 3) == errc::invalid_argument);
  CHECK(wrong(2, 1) == errc::invalid_argument);
  CHECK(wrong(0, 0) == errc::invalid_argument);
  CHECK(wrong(-1, 1) == errc::invalid_argument);
  auto twice = size_group();
  twice.options[1].id = twice.options[0].id;
  CHECK(refusal_of(x, add_modifier_group{twice}) == errc::invalid_argument);
}

TEST_CASE("the options of a group are given all: known ones keep what is not said, others go") {
  auto x = open_restaurant();
  REQUIRE(carry_out(x, add_modifier_group{size_group()}));
  auto large = nth<option_id>(11);
  REQUIRE(carry_out(x, set_option_availability{nth<group_id>(1), large, {false, noon + 1h}}));
  CHECK(returns_of(*x.menu) == std::vector{noon + 1h});
  change_modifier_group wanted;
  wanted.group = nth<group_id>(1);
  wanted.options = std::vector<wanted_option>{
      {large, false, "Very large", {}, false}, {nth<option_id>(12), true, "Huge", minor_units{90'00}, {}}};
  REQUIRE(carry_out(x, wanted));
  const auto& options = x.menu->groups[0].options;
  REQUIRE(options.size() == 2);
  CHECK(options[0] == modifier_option{large, "Very large", {40'00}, {false, noon + 1h}});
  CHECK(options[1] == modifier_option{nth<option_id>(12), "Huge", {90'00}, {}});
  CHECK(x.menu->groups[0].name == "Size");
  wanted.options->at(1).is_new = false;
  wanted.options->at(1).id = nth<option_id>(77);
  CHECK(refusal_of(x, wanted) == errc::modifier_option_not_found);
  wanted.group = nth<group_id>(77);
  CHECK(refusal_of(x, wanted) == errc::modifier_group_not_found);
  CHECK(refusal_of(x, set_option_availability{nth<group_id>(1), nth<option_id>(77), {}}) ==
        errc::modifier_option_not_found);
}

TEST_CASE("what is written back as it was read returns when it was to return") {
  auto x = open_restaurant();
  auto dish = nth<item_id>(1);
  REQUIRE(carry_out(x, set_item_availability{dish, {false, noon + 1h}}));
  change_menu_item same;
  same.item = dish;
  same.name = "Another name";
  same.is_available = false;
  REQUIRE(carry_out(x, same));
  CHECK(find_by_id(x.menu->items, dish)->available == item_availability{false, noon + 1h});
  same.is_available = true;
  REQUIRE(carry_out(x, same));
  CHECK(find_by_id(x.menu->items, dish)->available == item_availability{});
}

TEST_CASE("copies of a restaurant share its menu until it changes") {
  auto x = open_restaurant();
  auto before = x;
  CHECK(&*before.menu == &*x.menu);
  REQUIRE(carry_out(x, set_restaurant_status{restaurant_status::offline}));
  CHECK(&*before.menu == &*x.menu);
  REQUIRE(carry_out(x, remove_menu_item{nth<item_id>(1)}));
  CHECK(&*before.menu != &*x.menu);
  CHECK(before.menu->items.size() == 2);
}
