/// What an operator sets about taxes and fees. Amounts are in whatever currency the order is in.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "protocols/model/geo.hpp"
#include "protocols/model/price.hpp"

namespace dabba {

/// Tax on food, after what is off it. Fees and tips are not taxed here.
struct tax_rule {
  tax_mode mode = tax_mode::added;
  basis_points rate;
  std::map<std::string, basis_points> by_category;  ///< of the menu; others are taxed at `rate`

  [[nodiscard]] basis_points rate_of(const std::string& category) const {
    auto found = by_category.find(category);
    return found == by_category.end() ? rate : found->second;
  }
};

struct distance_band {
  metres up_to;
  minor_units fee;
};

/// By the distance as the crow flies: the fee of the first band that reaches so far; beyond the last one, its fee and
/// an amount for each kilometre begun. A flat fee is one band of 0 m. Without bands it is as if there were one of 0 m
/// for nothing.
struct delivery_fee_rule {
  std::vector<distance_band> bands;  ///< both distances and fees rise
  minor_units per_further_km;
};

struct pricing_terms {
  tax_rule tax;
  minor_units platform_fee;
  delivery_fee_rule delivery;
  /// A smaller order pays what it is short of, but not more than the fee.
  minor_units small_order_below;
  minor_units small_order_fee;
};

}  // namespace dabba
