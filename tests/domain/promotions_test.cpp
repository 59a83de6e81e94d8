/// What each kind of promotion takes off, which may be used when, and which is chosen.
#include <catch2/catch_test_macros.hpp>

#include "tests/domain/pricing_samples.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

food_selection items(std::initializer_list<std::uint64_t> numbers) {
  food_selection out;
  for (auto n : numbers) out.items.push_back(nth<item_id>(n));
  return out;
}
food_selection category(const std::string& name) { return {{}, {name}}; }

price_details off(const order_to_price& order, promotion_effect what) {
  return priced(order, {}, {promotion_of(1, std::move(what))}).details;
}

pricing_terms delivered_for(std::int64_t fee) {
  pricing_terms terms;
  terms.delivery.bands = {{{0}, {fee}}};
  return terms;
}

priced_order chosen(const order_to_price& order, const std::vector<offered_promotion>& deals,
                    std::optional<offered_promotion> coupon = {}, const pricing_terms& terms = {}) {
  return price_order(order, terms, deals, coupon ? &*coupon : nullptr).value();
}

std::vector<promotion_id> ids_of(const priced_order& x) {
  std::vector<promotion_id> out;
  for (const auto& each : x.price.details.promotions) out.push_back(each.promotion);
  return out;
}

}  // namespace

TEST_CASE("a percentage is of what is left of the food, and has a ceiling") {
  auto order = order_of({food(1, 1, 333'33), food(2, 1, 66'67)});
  CHECK(off(order, percentage_off{{1500}}).order_discount == minor_units{60'00});
  CHECK(off(order, percentage_off{{1500}, minor_units{50'00}}).order_discount == minor_units{50'00});
  CHECK(off(order, percentage_off{all_of_it}).order_discount == minor_units{400'00});
  // 50.00 by 333.33 : 66.67 is 41.66625 : 8.33375.
  auto capped = off(order, percentage_off{{1500}, minor_units{50'00}});
  CHECK(capped.lines[0].discount == minor_units{41'67});
  CHECK(capped.lines[1].discount == minor_units{8'33});
}

TEST_CASE("a percentage of certain items leaves the others alone") {
  auto order = order_of({food(1, 1, 100'00), food(2, 1, 40'00, "drinks"), food(3, 2, 30'00, "drinks")});
  auto drinks = off(order, percentage_off{{5000}, {}, category("drinks")});
  CHECK(drinks.item_discount == minor_units{50'00});
  CHECK(drinks.order_discount == minor_units{0});
  CHECK(drinks.lines[0].discount == minor_units{0});
  CHECK(off(order, percentage_off{{5000}, {}, items({1})}).lines[0].discount == minor_units{50'00});
  CHECK(off(order, percentage_off{{5000}, {}, items({9})}).discount() == minor_units{0});
}

TEST_CASE("an amount takes off no more than there is") {
  auto order = order_of({food(1, 1, 100'00), food(2, 1, 40'00, "drinks")});
  CHECK(off(order, amount_off{{75'00}}).order_discount == minor_units{75'00});
  CHECK(off(order, amount_off{{500'00}}).order_discount == minor_units{140'00});
  CHECK(off(order, amount_off{{75'00}, category("drinks")}).item_discount == minor_units{40'00});
}

TEST_CASE("free delivery is that of the fee and not of the food") {
  auto order = order_of({food(1, 1, 100'00)});
  auto price = priced(order, delivered_for(30'00), {promotion_of(1, free_delivery{})});
  CHECK(price.details.delivery_discount == minor_units{30'00});
  CHECK(price.delivery_fee == minor_units{30'00});
  CHECK(price.total == minor_units{100'00});
  CHECK(price.details.lines[0].discount == minor_units{0});
  auto partly = priced(order, delivered_for(30'00), {promotion_of(1, free_delivery{minor_units{20'00}})});
  CHECK(partly.total == minor_units{110'00});
}

TEST_CASE("of each group bought the cheapest is free, from the dearest down") {
  // 50, 40 | 30, 20 | 10: 40 and 20 are free.
  auto order =
      order_of({food(1, 1, 50'00), food(2, 1, 40'00), food(3, 1, 30'00), food(4, 1, 20'00), food(5, 1, 10'00)});
  auto pairs = off(order, buy_and_get{1, 1, 9, {}});
  CHECK(pairs.item_discount == minor_units{60'00});
  CHECK(pairs.lines[1].discount == minor_units{40'00});
  CHECK(pairs.lines[3].discount == minor_units{20'00});
  CHECK(off(order, buy_and_get{1, 1, 1, {}}).item_discount == minor_units{40'00});
  // 50, 40, 30 | 20, 10: 30 is free.
  CHECK(off(order, buy_and_get{2, 1, 9, {}}).item_discount == minor_units{30'00});
  CHECK(off(order, buy_and_get{2, 2, 9, {}}).item_discount == minor_units{50'00});
  CHECK(off(order, buy_and_get{5, 1, 9, {}}).item_discount == minor_units{0});
}

TEST_CASE("pieces of one line are counted one by one, and their options are paid") {
  auto order = order_of({food(1, 5, 100'00, "pizza", {{20'00}}), food(2, 1, 30'00, "drinks")});
  auto pizzas = off(order, buy_and_get{1, 1, 9, category("pizza")});
  CHECK(pizzas.item_discount == minor_units{200'00});
  CHECK(pizzas.lines[0].net == minor_units{400'00});
}

TEST_CASE("a combo costs its price, and what is saved is shared by its pieces") {
  auto order = order_of({food(1, 1, 150'00, "mains"), food(2, 1, 50'00, "drinks"), food(3, 1, 40'00, "drinks")});
  combo meal{{{category("mains"), 1}, {category("drinks"), 1}}, {160'00}, 1};
  // The dearest drink goes in: 200.00 for 160.00, 40.00 shared 3 : 1.
  auto details = off(order, meal);
  CHECK(details.item_discount == minor_units{40'00});
  CHECK(details.lines[0].discount == minor_units{30'00});
  CHECK(details.lines[1].discount == minor_units{10'00});
  CHECK(details.lines[2].discount == minor_units{0});
}

TEST_CASE("a combo is had as often as it may and can be") {
  auto order = order_of({food(1, 3, 100'00, "mains"), food(2, 2, 50'00, "drinks")});
  combo meal{{{category("mains"), 1}, {category("drinks"), 1}}, {120'00}, 9};
  CHECK(off(order, meal).item_discount == minor_units{60'00});
  meal.times = 1;
  CHECK(off(order, meal).item_discount == minor_units{30'00});
  meal.price = {150'00};
  CHECK(off(order, meal).discount() == minor_units{0});
  meal.parts[1].count = 3;
  CHECK(off(order, meal).discount() == minor_units{0});
}

TEST_CASE("two promotions never take the same piece, nor more than there is") {
  auto order = order_of({food(1, 2, 100'00)});
  auto both = priced(order, {}, {promotion_of(1, buy_and_get{1, 1, 1, {}}), promotion_of(2, buy_and_get{1, 1, 1, {}})});
  CHECK(both.total == minor_units{100'00});
  CHECK(both.details.promotions[1].discount == minor_units{0});
  // Whole pieces go first, whichever is named first.
  auto mixed = priced(
      order, {}, {promotion_of(1, percentage_off{{9000}, {}, items({1})}), promotion_of(2, buy_and_get{1, 1, 1, {}})});
  CHECK(mixed.details.item_discount == minor_units{190'00});
  CHECK(mixed.total == minor_units{10'00});
}

TEST_CASE("a promotion says why it may not be used") {
  auto order = order_of({food(1, 1, 100'00)});
  auto why = [&order](auto change) {
    auto x = offered(promotion_of(1, amount_off{{10'00}}, "TEN"));
    change(x);
    return why_not(x, order);
  };
  CHECK(why([](auto&) {}) == errc::none);
  CHECK(why([](auto& x) { x.what.is_active = false; }) == errc::promotion_not_found);
  CHECK(why([](auto& x) { x.what.starts_at = noon + duration{1}; }) == errc::promotion_not_started);
  CHECK(why([](auto& x) { x.what.starts_at = noon; }) == errc::none);
  CHECK(why([](auto& x) { x.what.ends_at = noon; }) == errc::promotion_expired);
  CHECK(why([](auto& x) { x.what.ends_at = noon + duration{1}; }) == errc::none);
  CHECK(why([](auto& x) { x.what.restaurants = {nth<restaurant_id>(2)}; }) == errc::promotion_not_here);
  CHECK(why([](auto& x) { x.what.restaurants = {nth<restaurant_id>(2), nth<restaurant_id>(1)}; }) == errc::none);
  CHECK(why([](auto& x) { x.what.money = currency::EUR; }) == errc::promotion_not_here);
  CHECK(why([](auto& x) { x.what.minimum = {100'01}; }) == errc::promotion_below_minimum);
  CHECK(why([](auto& x) { x.what.minimum = {100'00}; }) == errc::none);
  CHECK(why([](auto& x) { x.what.is_first_order_only = true; }) == errc::promotion_first_order_only);
  CHECK(why([](auto& x) { x.what.per_customer_limit = 2, x.used_by_customer = 2; }) == errc::promotion_already_used);
  CHECK(why([](auto& x) { x.what.per_customer_limit = 2, x.used_by_customer = 1; }) == errc::none);
  CHECK(why([](auto& x) { x.what.total_limit = 100, x.used = 100; }) == errc::promotion_used_up);
  CHECK(why([](auto& x) { x.what.total_limit = 100, x.used = 99; }) == errc::none);
  order.is_first_order = true;
  CHECK(why([](auto& x) { x.what.is_first_order_only = true; }) == errc::none);
}

TEST_CASE("the deal that makes the order cheapest is chosen") {
  auto order = order_of({food(1, 2, 100'00)});
  auto small = offered(promotion_of(1, amount_off{{20'00}}));
  auto large = offered(promotion_of(2, percentage_off{{2000}}));
  auto over = offered(promotion_of(3, percentage_off{all_of_it}));
  over.what.ends_at = noon;
  CHECK(ids_of(chosen(order, {small, large, over})) == std::vector{large.what.id});
  CHECK(ids_of(chosen(order, {})).empty());
  auto free = offered(promotion_of(4, free_delivery{}));
  CHECK(ids_of(chosen(order, {free})).empty());
  CHECK(ids_of(chosen(order, {small, free}, {}, delivered_for(25'00))) == std::vector{free.what.id});
}

TEST_CASE("of equally good deals the one with the smaller id is chosen, however they are listed") {
  auto order = order_of({food(1, 2, 100'00)});
  auto one = offered(promotion_of(1, amount_off{{20'00}}));
  auto two = offered(promotion_of(2, percentage_off{{1000}}));
  CHECK(ids_of(chosen(order, {one, two})) == std::vector{one.what.id});
  CHECK(ids_of(chosen(order, {two, one})) == std::vector{one.what.id});
}

TEST_CASE("a coupon goes with a deal only if both are combinable") {
  auto order = order_of({food(1, 2, 100'00)});
  auto deal = offered(promotion_of(1, buy_and_get{1, 1, 1, {}}));
  auto coupon = offered(promotion_of(2, percentage_off{{1000}}, "TEN"));
  SECTION("neither is") {
    auto got = chosen(order, {deal}, coupon);
    CHECK(ids_of(got) == std::vector{deal.what.id});
    CHECK(got.coupon == errc::promotion_not_combinable);
  }
  SECTION("one is") {
    coupon.what.is_combinable = true;
    CHECK(chosen(order, {deal}, coupon).coupon == errc::promotion_not_combinable);
  }
  SECTION("both are") {
    coupon.what.is_combinable = deal.what.is_combinable = true;
    auto got = chosen(order, {deal}, coupon);
    CHECK(got.coupon == errc::none);
    CHECK(got.price.total == minor_units{90'00});
    CHECK(ids_of(got) == std::vector{deal.what.id, coupon.what.id});
  }
}

TEST_CASE("a coupon that is as good as a deal is taken, and one that is better") {
  auto order = order_of({food(1, 2, 100'00)});
  auto deal = offered(promotion_of(1, amount_off{{20'00}}));
  for (std::int64_t worth : {20'00, 21'00}) {
    auto got = chosen(order, {deal}, offered(promotion_of(2, amount_off{{worth}}, "C")));
    CHECK(got.coupon == errc::none);
    CHECK(got.price.total == minor_units{200'00 - worth});
  }
}

TEST_CASE("a coupon that can't be used leaves the order as it is without, and says why") {
  auto order = order_of({food(1, 2, 100'00)});
  auto deal = offered(promotion_of(1, amount_off{{20'00}}));
  auto coupon = offered(promotion_of(2, amount_off{{50'00}}, "FIFTY"));
  coupon.what.minimum = {500'00};
  auto got = chosen(order, {deal}, coupon);
  CHECK(got.coupon == errc::promotion_below_minimum);
  CHECK(got.price.total == minor_units{180'00});
  auto idle = offered(promotion_of(3, free_delivery{}, "RIDE"));
  CHECK(chosen(order, {}, idle).coupon == errc::promotion_without_effect);
  CHECK(chosen(order, {}, idle, delivered_for(10'00)).coupon == errc::none);
}
