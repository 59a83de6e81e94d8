/// Promotions and their redemptions as rows of a test.
#pragma once

#include "persistence/postgres/promotions.hpp"
#include "tests/persistence/database.hpp"

namespace dabba::tests {

/// A coupon of its own that is always valid, as version 1.
inline promotion_change new_promotion(std::optional<std::int64_t> total = {},
                                      std::optional<std::int32_t> per_customer = {}) {
  promotion_change made;
  made.what.id = promotion_id::make(real_now());
  made.what.version = 1;
  made.what.code = "C-" + to_string(made.what.id);
  made.what.effect = amount_off{{50'00}};
  made.what.starts_at = {1'000'000};
  made.what.ends_at = {4'000'000'000'000'000};
  made.what.total_limit = total;
  made.what.per_customer_limit = per_customer;
  made.text = R"({"version":1})";
  made.by = user_id::make(real_now());
  made.at = real_now();
  return made;
}

inline promotion_change next_version(promotion_change x) {
  ++x.what.version;
  x.text = R"({"version":)" + std::to_string(x.what.version) + "}";
  return x;
}

inline redemption_change redeems(const promotion& x, order_id order, user_id customer) {
  return {redemption_change::kind::reserve, x.id, order, customer, x.total_limit.has_value(), x.per_customer_limit};
}
inline redemption_change gives_back(const promotion& x, order_id order, user_id customer) {
  auto made = redeems(x, order, customer);
  made.what = redemption_change::kind::release;
  return made;
}

inline std::int64_t active_redemptions(const promotion& x) {
  return migrated_database().number(
      "select count(*) from promotion.redemption where active and promotion_id = '" + to_string(x.id) + "'");
}
inline std::int64_t left_of(const promotion& x) {
  return migrated_database().number(
      "select coalesce(sum(remaining), 0) from promotion.allowance where promotion_id = '" + to_string(x.id) + "'");
}

}  // namespace dabba::tests
