/// What an order costs and how that came about. All amounts are in the order's currency, and none is negative.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocols/model/ids.hpp"
#include "protocols/model/money.hpp"

namespace dabba {

/// A hundredth of a percent.
struct basis_points {
  std::int32_t value = 0;
  friend auto operator<=>(const basis_points&, const basis_points&) = default;
};
inline constexpr basis_points all_of_it{10'000};

/// Whether tax is added to the prices of a menu or contained in them.
enum class tax_mode : std::uint8_t { added, included };
template <>
inline constexpr auto enum_names<tax_mode> = std::to_array<std::string_view>({"ADDED", "INCLUDED"});

/// Who pays for what a promotion takes off.
enum class promotion_funding : std::uint8_t { platform, restaurant };
template <>
inline constexpr auto enum_names<promotion_funding> = std::to_array<std::string_view>({"PLATFORM", "RESTAURANT"});

/// One line: what is paid for it is `net + tax`. With included tax that is `gross - discount`; with added tax `net` is.
struct line_price {
  minor_units gross;     ///< all pieces with their options
  minor_units discount;  ///< on its pieces, and its share of what is off several lines
  minor_units tax;       ///< its share of the tax on all that is taxed alike
  minor_units net;       ///< what is left, without tax
  friend bool operator==(const line_price&, const line_price&) = default;
};

/// A promotion as it was when it was applied.
struct applied_promotion {
  promotion_id promotion;
  std::uint64_t version = 0;
  std::string name;
  std::string code;  ///< empty: a deal
  promotion_funding funded_by = promotion_funding::platform;
  minor_units discount;                        ///< on food and delivery together
  bool is_counted = false;                     ///< it takes one of a limited number
  std::optional<std::int32_t> per_customer{};  ///< how often a customer may use it
  friend bool operator==(const applied_promotion&, const applied_promotion&) = default;
};

/// What an order costs beside its subtotal, delivery fee and tip. An order without discount, tax and further fees has
/// nothing here, no lines either.
struct price_details {
  std::vector<line_price> lines;  ///< one for each line of the order
  minor_units item_discount;      ///< off certain items
  minor_units order_discount;     ///< off the food as a whole
  minor_units delivery_discount;  ///< off the delivery fee
  tax_mode taxed = tax_mode::added;
  minor_units tax;  ///< of all lines
  minor_units platform_fee;
  minor_units small_order_fee;
  std::vector<applied_promotion> promotions;
  friend bool operator==(const price_details&, const price_details&) = default;

  [[nodiscard]] minor_units discount() const noexcept { return item_discount + order_discount + delivery_discount; }
};

struct price_breakdown {
  minor_units subtotal;      ///< of the lines' gross
  minor_units delivery_fee;  ///< before what is off it
  minor_units tip;
  minor_units total;
  price_details details;
  friend bool operator==(const price_breakdown&, const price_breakdown&) = default;
};

/// What is to be paid for it all.
constexpr minor_units total_of(minor_units subtotal, minor_units delivery_fee, minor_units tip,
                               const price_details& x) noexcept {
  auto food = subtotal - x.item_discount - x.order_discount;
  if (x.taxed == tax_mode::added) food = food + x.tax;
  return food + x.platform_fee + x.small_order_fee + (delivery_fee - x.delivery_discount) + tip;
}

template <class Inspector>
bool inspect(Inspector& f, basis_points& x) {
  return f.apply(x.value);
}
template <class Inspector>
bool inspect(Inspector& f, line_price& x) {
  return f.object(x).fields(
      f.field("gross", x.gross), f.field("discount", x.discount), f.field("tax", x.tax), f.field("net", x.net));
}
template <class Inspector>
bool inspect(Inspector& f, applied_promotion& x) {
  return f.object(x).fields(f.field("promotionId", x.promotion), f.field("version", x.version), f.field("name", x.name),
                            f.field("code", x.code), f.field("fundedBy", x.funded_by), f.field("discount", x.discount),
                            f.field("isCounted", x.is_counted), f.field("perCustomer", x.per_customer));
}
template <class Inspector>
bool inspect(Inspector& f, price_details& x) {
  return f.object(x).fields(
      f.field("lines", x.lines), f.field("itemDiscount", x.item_discount), f.field("orderDiscount", x.order_discount),
      f.field("deliveryDiscount", x.delivery_discount), f.field("taxed", x.taxed), f.field("tax", x.tax),
      f.field("platformFee", x.platform_fee), f.field("smallOrderFee", x.small_order_fee),
      f.field("promotions", x.promotions));
}
template <class Inspector>
bool inspect(Inspector& f, price_breakdown& x) {
  return f.object(x).fields(f.field("subtotal", x.subtotal), f.field("deliveryFee", x.delivery_fee),
                            f.field("tip", x.tip), f.field("total", x.total), f.field("details", x.details));
}

}  // namespace dabba
