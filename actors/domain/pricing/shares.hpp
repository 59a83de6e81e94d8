/// Exact arithmetic of amounts: parts of them, and amounts spread over others so that the shares add up.
#pragma once

#include <span>
#include <vector>

#include "protocols/model/money.hpp"

namespace dabba {

/// `amount * numerator / denominator`, halves rounded up. Nothing may be negative, and the result must be an amount.
minor_units part_of(minor_units amount, std::int64_t numerator, std::int64_t denominator) noexcept;

/// Spreads `total` in proportion to `weights`: each share is its exact one rounded down, and what is left over goes, a
/// unit each, to those who lost most by that, among equals to the first. While `total` is not more than the weights
/// together no share is more than its weight. Without any weight nothing can be spread, and all shares are nothing.
std::vector<minor_units> spread(minor_units total, std::span<const minor_units> weights);

minor_units sum(std::span<const minor_units> amounts) noexcept;

}  // namespace dabba
