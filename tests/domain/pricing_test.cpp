/// Prices worked out by hand.
#include <catch2/catch_test_macros.hpp>

#include "actors/domain/pricing/fees.hpp"
#include "actors/domain/pricing/shares.hpp"
#include "protocols/model/limits.hpp"
#include "tests/domain/pricing_samples.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

std::vector<minor_units> amounts(std::initializer_list<std::int64_t> values) {
  std::vector<minor_units> out;
  for (auto each : values) out.push_back({each});
  return out;
}

pricing_terms taxed(tax_mode mode, std::int32_t rate) {
  pricing_terms terms;
  terms.tax = {mode, {rate}, {}};
  return terms;
}

}  // namespace

TEST_CASE("a share is rounded down, and what is left over goes to those who lost most") {
  CHECK(spread({100}, amounts({1, 1, 1})) == amounts({34, 33, 33}));
  CHECK(spread({10}, amounts({5, 3, 2})) == amounts({5, 3, 2}));
  // 4.75, 1.9, 0.35: the second lost .9, the first .75.
  CHECK(spread({7}, amounts({95, 38, 7})) == amounts({5, 2, 0}));
  CHECK(spread({0}, amounts({3, 4})) == amounts({0, 0}));
  CHECK(spread({5}, amounts({0, 0})) == amounts({0, 0}));
  CHECK(spread({5}, {}).empty());
}

TEST_CASE("the largest order there can be is spread without overflow") {
  std::vector<minor_units> weights(limits::lines_per_order, {limits::order_minor / 100});
  auto shares = spread({limits::order_minor - 1}, weights);
  CHECK(sum(shares) == minor_units{limits::order_minor - 1});
}

TEST_CASE("halves are rounded up") {
  CHECK(part_of({250}, 500, 10'000) == minor_units{13});  // 12.5
  CHECK(part_of({249}, 500, 10'000) == minor_units{12});  // 12.45
  CHECK(part_of({limits::order_minor}, 10'000, 10'000) == minor_units{limits::order_minor});
}

TEST_CASE("without taxes, fees and promotions an order costs what its lines do, and the tip") {
  auto order = order_of({food(1, 2, 120'00), food(2, 1, 45'50)});
  order.tip = {20'00};
  auto price = priced(order, {});
  CHECK(price.subtotal == minor_units{285'50});
  CHECK(price.total == minor_units{305'50});
  CHECK(price.details == plain_details(amounts({240'00, 45'50})));
}

TEST_CASE("options are paid for each piece") {
  auto order = order_of({food(1, 3, 100'00, "pizza", {{20'00}, {5'00}})});
  CHECK(priced(order, {}).subtotal == minor_units{375'00});
}

TEST_CASE("added tax is 5 % of all that is taxed alike, rounded once") {
  // 33.30 + 33.30 + 33.30 = 99.90, of which 5 % are 4.995: 5.00. Each by itself would be 1.665: 1.67, three of
  // them 5.01.
  auto order = order_of({food(1, 1, 33'30), food(2, 1, 33'30), food(3, 1, 33'30)});
  auto price = priced(order, taxed(tax_mode::added, 500));
  CHECK(price.details.tax == minor_units{5'00});
  CHECK(price.total == minor_units{104'90});
  CHECK(price.details.lines[0].tax == minor_units{1'67});
  CHECK(price.details.lines[1].tax == minor_units{1'67});
  CHECK(price.details.lines[2].tax == minor_units{1'66});
  CHECK(price.details.lines[2].net == minor_units{33'30});
}

TEST_CASE("included tax is within the price") {
  // 118.00 with 18 %: 100.00 and 18.00. With another 59.00: 50.00 and 9.00.
  auto order = order_of({food(1, 1, 118'00), food(2, 1, 59'00)});
  auto price = priced(order, taxed(tax_mode::included, 1800));
  CHECK(price.total == minor_units{177'00});
  CHECK(price.details.tax == minor_units{27'00});
  CHECK(price.details.lines[0] == line_price{{118'00}, {}, {18'00}, {100'00}});
  CHECK(price.details.lines[1] == line_price{{59'00}, {}, {9'00}, {50'00}});
}

TEST_CASE("categories may be taxed at rates of their own") {
  auto terms = taxed(tax_mode::added, 500);
  terms.tax.by_category = {{"drinks", {1800}}, {"bread", {0}}};
  auto order = order_of({food(1, 1, 200'00), food(2, 2, 50'00, "drinks"), food(3, 1, 30'00, "bread")});
  auto price = priced(order, terms);
  CHECK(price.details.lines[0].tax == minor_units{10'00});
  CHECK(price.details.lines[1].tax == minor_units{18'00});
  CHECK(price.details.lines[2].tax == minor_units{0});
  CHECK(price.total == minor_units{358'00});
}

TEST_CASE("the delivery fee is that of the first band that reaches so far, and rises with each further kilometre") {
  delivery_fee_rule rule{{{{2000}, {20'00}}, {{5000}, {35'00}}}, {6'00}};
  CHECK(delivery_fee(rule, {0}) == minor_units{20'00});
  CHECK(delivery_fee(rule, {2000}) == minor_units{20'00});
  CHECK(delivery_fee(rule, {2000.5}) == minor_units{35'00});
  CHECK(delivery_fee(rule, {5000}) == minor_units{35'00});
  CHECK(delivery_fee(rule, {5001}) == minor_units{41'00});
  CHECK(delivery_fee(rule, {8000}) == minor_units{53'00});
  CHECK(delivery_fee({}, {12'345}) == minor_units{0});
  CHECK(delivery_fee({{}, {6'00}}, {1500}) == minor_units{12'00});
  CHECK(delivery_fee({{{{0}, {25'00}}}, {}}, {9000}) == minor_units{25'00});
}

TEST_CASE("a small order pays what it is short of, at most the fee") {
  pricing_terms terms;
  terms.small_order_below = {150'00};
  terms.small_order_fee = {30'00};
  CHECK(small_order_fee(terms, {100'00}) == minor_units{30'00});
  CHECK(small_order_fee(terms, {135'00}) == minor_units{15'00});
  CHECK(small_order_fee(terms, {150'00}) == minor_units{0});
  CHECK(small_order_fee({}, {1}) == minor_units{0});
}

TEST_CASE("an order with everything adds up") {
  pricing_terms terms = taxed(tax_mode::added, 500);
  terms.platform_fee = {5'00};
  terms.delivery = {{{{3000}, {25'00}}}, {8'00}};
  terms.small_order_below = {500'00};
  terms.small_order_fee = {20'00};
  auto order = order_of({food(1, 2, 150'00), food(2, 1, 99'00, "drinks")});
  order.distance = {4200};
  order.tip = {30'00};
  auto price = priced(order, terms, {promotion_of(1, percentage_off{{1000}}, "TEN")});
  // 399.00; less 39.90: 359.10; tax 17.955: 17.96; fees 5.00 + 20.00 + 25.00 + 2 km at 8.00; tip 30.00.
  CHECK(price.subtotal == minor_units{399'00});
  CHECK(price.details.order_discount == minor_units{39'90});
  CHECK(price.details.lines[0].discount == minor_units{30'00});
  CHECK(price.details.lines[1].discount == minor_units{9'90});
  CHECK(price.details.tax == minor_units{17'96});
  CHECK(price.details.lines[0].tax == minor_units{13'50});
  CHECK(price.details.lines[1].tax == minor_units{4'46});
  CHECK(price.delivery_fee == minor_units{41'00});
  CHECK(price.details.small_order_fee == minor_units{20'00});
  CHECK(price.total == minor_units{473'06});
  REQUIRE(price.details.promotions.size() == 1);
  CHECK(price.details.promotions[0].code == "TEN");
  CHECK(price.details.promotions[0].discount == minor_units{39'90});
}

TEST_CASE("an order beyond the limits is refused") {
  auto one = food(1, 1, 10'00);
  auto refused = [](const order_to_price& order) {
    return price_with(order, {}, {}) == tl::unexpected{errc::invalid_argument};
  };
  CHECK(refused(order_of({})));
  CHECK(refused(order_of(std::vector<food_line>(limits::lines_per_order + 1, one))));
  CHECK(refused(order_of({food(1, 0, 10'00)})));
  CHECK(refused(order_of({food(1, limits::quantity_per_line + 1, 10'00)})));
  CHECK(refused(order_of({food(1, 1, -1)})));
  CHECK(refused(order_of({food(1, 1, limits::amount_minor + 1)})));
  CHECK(refused(order_of({food(1, 1, 1, "", {{-1}})})));
  // Options can make lines dearer than any price.
  auto dear = food(1, limits::quantity_per_line, limits::amount_minor, "",
                   std::vector<minor_units>(limits::priced_options_per_line, {limits::amount_minor}));
  CHECK(refused(order_of(std::vector<food_line>(limits::lines_per_order, dear))));
  auto tipped = order_of({one});
  tipped.tip = {-1};
  CHECK(refused(tipped));
}

TEST_CASE("details that do not add up are found out") {
  auto gross = amounts({100, 50});
  auto sound = plain_details(gross);
  CHECK(is_sound(sound, gross, {}));
  CHECK_FALSE(is_sound(sound, amounts({100}), {}));
  CHECK_FALSE(is_sound(sound, amounts({100, 51}), {}));
  auto other = sound;
  other.item_discount = {10};
  CHECK_FALSE(is_sound(other, gross, {}));
  other.lines[0] = {{100}, {10}, {}, {90}};
  CHECK(is_sound(other, gross, {}));
  other.tax = {5};
  CHECK_FALSE(is_sound(other, gross, {}));
  other = sound;
  other.delivery_discount = {1};
  CHECK_FALSE(is_sound(other, gross, {}));
  other = sound;
  other.lines[1] = {{50}, {60}, {}, {-10}};
  other.order_discount = {60};
  CHECK_FALSE(is_sound(other, gross, {}));
}
