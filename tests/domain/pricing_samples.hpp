/// Orders and promotions for the tests of prices.
#pragma once

#include "actors/domain/pricing/pricing.hpp"
#include "tests/protocols/samples.hpp"

namespace dabba::samples {

inline food_line food(std::uint64_t item, std::int32_t quantity, std::int64_t unit_price,
                      std::string category = "mains", std::vector<minor_units> options = {}) {
  return {nth<item_id>(item), std::move(category), quantity, {unit_price}, std::move(options)};
}

inline order_to_price order_of(std::vector<food_line> lines) {
  order_to_price made;
  made.restaurant = nth<restaurant_id>(1);
  made.lines = std::move(lines);
  made.now = noon;
  return made;
}

/// Valid around noon, everywhere, for everybody, as often as they like.
inline promotion promotion_of(std::uint64_t n, promotion_effect effect, std::string code = "") {
  promotion made;
  made.id = nth<promotion_id>(n);
  made.version = 1;
  made.name = "promotion " + std::to_string(n);
  made.code = std::move(code);
  made.effect = std::move(effect);
  made.starts_at = noon - std::chrono::hours{1};
  made.ends_at = noon + std::chrono::hours{1};
  return made;
}

inline offered_promotion offered(promotion x) { return {std::move(x), 0, 0}; }

inline price_breakdown priced(const order_to_price& order, const pricing_terms& terms,
                              const std::vector<promotion>& promotions = {}) {
  std::vector<const promotion*> all;
  for (const auto& each : promotions) all.push_back(&each);
  return price_with(order, terms, all).value();
}

}  // namespace dabba::samples
