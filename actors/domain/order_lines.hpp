/// The lines of an order, priced from a menu. Pure.
#pragma once

#include <tl/expected.hpp>

#include "protocols/model/errors.hpp"
#include "protocols/model/restaurant.hpp"

namespace dabba {

struct wanted_line {
  item_id item;
  std::int32_t quantity = 1;
  std::string special_instructions;
  std::vector<option_id> choices{};
};

struct refused_line {
  errc why = errc::none;
  std::optional<std::uint32_t> line{};  ///< of those that are wanted
  friend bool operator==(const refused_line&, const refused_line&) = default;
};

/// The wanted lines at today's prices. Refusals: `invalid_argument` (nothing wanted, or items of several currencies),
/// `item_not_found`, `item_unavailable` (or an option of it), `invalid_choices` (an option that the item does not have,
/// or twice the same; too few of a group, or too many).
tl::expected<std::vector<order_line>, refused_line> price(const menu& offered, const std::vector<wanted_line>& wanted,
                                                          instant now);

}  // namespace dabba
