/// Orders, terms and promotions of all sorts, for properties that hold of any.
#pragma once

#include <rapidcheck.h>

#include "tests/domain/pricing_samples.hpp"

namespace dabba::samples {

inline const std::vector<std::string> categories{"mains", "drinks", "sweets"};

inline minor_units some_amount(std::int64_t most) {
  // Prices are often equal, and sometimes nothing.
  return {
      *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, most), rc::gen::element<std::int64_t>(0, 1, 99'99, 100'00))};
}

inline food_line some_food() {
  auto line = food(*rc::gen::inRange<std::uint64_t>(0, 6), *rc::gen::inRange(1, 12), some_amount(1000'00).value);
  line.category = categories[line.item.value.bytes[15] % categories.size()];
  for (auto options = *rc::gen::inRange(0, 3); options > 0; --options) line.options.push_back(some_amount(50'00));
  return line;
}

inline order_to_price some_order() {
  auto order = order_of({});
  for (auto lines = *rc::gen::inRange(1, 9); lines > 0; --lines) order.lines.push_back(some_food());
  order.distance = {static_cast<double>(*rc::gen::inRange(0, 15'000))};
  order.tip = some_amount(100'00);
  return order;
}

inline basis_points some_rate() {
  return {*rc::gen::oneOf(rc::gen::inRange(0, 10'001), rc::gen::element(0, 500, 1800))};
}

inline pricing_terms some_terms() {
  pricing_terms terms;
  terms.tax.mode = *rc::gen::element(tax_mode::added, tax_mode::included);
  terms.tax.rate = some_rate();
  if (*rc::gen::arbitrary<bool>()) terms.tax.by_category["drinks"] = some_rate();
  terms.platform_fee = some_amount(20'00);
  auto near = some_amount(50'00);
  terms.delivery = {{{{2000}, near}, {{6000}, near + some_amount(50'00)}}, some_amount(20'00)};
  terms.small_order_below = some_amount(500'00);
  terms.small_order_fee = some_amount(50'00);
  return terms;
}

inline food_selection some_selection() {
  food_selection out;
  auto what = *rc::gen::inRange(0, 3);
  if (what == 1) out.categories.push_back(*rc::gen::elementOf(categories));
  if (what == 2) out.items = {nth<item_id>(*rc::gen::inRange<std::uint64_t>(0, 6)), nth<item_id>(1)};
  return out;
}

inline std::optional<minor_units> some_ceiling() {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  return some_amount(200'00);
}

inline promotion_effect some_effect() {
  auto few = [] { return *rc::gen::inRange(1, 4); };
  switch (*rc::gen::inRange(0, 5)) {
    case 0: return percentage_off{some_rate(), some_ceiling(), some_selection()};
    case 1: return amount_off{some_amount(500'00), some_selection()};
    case 2: return free_delivery{some_ceiling()};
    case 3: return buy_and_get{few(), few(), few(), some_selection()};
    default: {
      combo made{{}, some_amount(300'00), few()};
      for (auto parts = few(); parts > 0; --parts) made.parts.push_back({some_selection(), few()});
      return made;
    }
  }
}

inline std::vector<promotion> some_promotions() {
  std::vector<promotion> out;
  auto count = *rc::gen::inRange<std::uint64_t>(0, 4);
  for (std::uint64_t n = 1; n <= count; ++n) out.push_back(promotion_of(n, some_effect(), n == 1 ? "CODE" : ""));
  return out;
}

}  // namespace dabba::samples
