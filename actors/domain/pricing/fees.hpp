/// Fees by rule.
#pragma once

#include "protocols/model/pricing_terms.hpp"

namespace dabba {

/// For a delivery so far. A longer one never costs less.
minor_units delivery_fee(const delivery_fee_rule& rule, metres distance) noexcept;

/// What an order is short of the least it should be, at most the fee. With it, a larger order never costs less.
minor_units small_order_fee(const pricing_terms& terms, minor_units subtotal) noexcept;

}  // namespace dabba
