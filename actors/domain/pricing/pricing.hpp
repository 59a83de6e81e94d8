/// What an order costs: lines, taxes, fees, tip and promotions. Pure and exact: integers of minor units, and the lines
/// always add up to the totals. The same lines in another order cost the same, each of them.
#pragma once

#include <span>
#include <tl/expected.hpp>

#include "actors/domain/pricing/bill.hpp"
#include "protocols/model/errors.hpp"
#include "protocols/model/pricing_terms.hpp"

namespace dabba {

struct order_to_price {
  restaurant_id restaurant;
  currency money = currency::INR;
  std::vector<food_line> lines;
  metres distance;  ///< from the kitchen to the door
  minor_units tip;
  instant now;
  bool is_first_order = false;  ///< of the customer
};

/// With exactly these promotions, whether or not they may be used: in stages, and within a stage as they stand here.
/// `invalid_argument`: no line, or more of anything than limits.hpp lets an order have.
tl::expected<price_breakdown, errc> price_with(const order_to_price& order, const pricing_terms& terms,
                                               std::span<const promotion* const> promotions);

/// Why the promotion may not be used for this order, the first of: `promotion_not_found` (it was ended),
/// `promotion_not_started`, `promotion_expired`, `promotion_not_here` (another restaurant, another currency),
/// `promotion_below_minimum`, `promotion_first_order_only`, `promotion_already_used`, `promotion_used_up`; or `none`.
errc why_not(const offered_promotion& x, const order_to_price& order) noexcept;

struct priced_order {
  price_breakdown price;
  /// Why the coupon is not in the price: as `why_not`, or `promotion_without_effect`, or `promotion_not_combinable`
  /// (a deal makes the order cheaper than the coupon, and they don't go together).
  errc coupon = errc::none;
};

/// The cheapest of: no promotion, one of the deals, the coupon, the coupon with a deal when both are combinable. Those
/// that take nothing off are left out. Of equally cheap ones: the one of fewer promotions; then the one with the
/// coupon, which was asked for; then the one of the deal with the smaller id.
tl::expected<priced_order, errc> price_order(const order_to_price& order, const pricing_terms& terms,
                                             std::span<const offered_promotion> deals, const offered_promotion* coupon);

/// What lines cost that are neither taxed nor discounted.
price_details plain_details(std::span<const minor_units> gross);

/// The details are of lines with these gross prices: all sums hold, and nothing is negative.
bool is_sound(const price_details& x, std::span<const minor_units> gross, minor_units delivery_fee) noexcept;

}  // namespace dabba
