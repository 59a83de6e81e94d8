/// An order's bill while promotions take something off it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocols/model/promotion.hpp"

namespace dabba {

/// What one line of an order is made of.
struct food_line {
  item_id item;
  std::string category;
  std::int32_t quantity = 1;
  minor_units unit_price;              ///< of a piece, without options
  std::vector<minor_units> options{};  ///< chosen for each piece
};

/// The gross price of all pieces.
minor_units gross_of(const food_line& line) noexcept;

struct bill_line {
  const food_line* what = nullptr;
  std::size_t place = 0;  ///< among the order's lines
  minor_units gross;
  minor_units off_items;
  minor_units off_order;
  std::int32_t pieces_left = 0;  ///< no promotion of pieces has had them yet

  [[nodiscard]] minor_units left() const noexcept { return gross - off_items - off_order; }
};

/// The lines stand in an order that depends on what they are, and not on how the customer wrote them down.
struct bill {
  std::vector<bill_line> lines;
  minor_units delivery_fee;
  minor_units delivery_discount;
};

bill open_bill(std::span<const food_line> lines, minor_units delivery_fee);

/// Promotions are applied in stages: first those of whole pieces, which they take at their price, then those of what is
/// left of certain items, then of the food as a whole, then delivery.
enum class discount_stage : std::uint8_t { pieces, items, food, delivery };
discount_stage stage_of(const promotion_effect& what) noexcept;

/// Takes off what it does, never more than there is; how much that was.
minor_units take_off(bill& from, const promotion_effect& what);

}  // namespace dabba
