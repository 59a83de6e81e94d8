#include "actors/domain/pricing/fees.hpp"

#include <algorithm>
#include <cmath>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

constexpr double metres_per_km = 1000;
/// Half of the earth's circumference: no two places are farther apart.
constexpr double longest_km = 20'016;

std::int64_t whole_km(double metres) noexcept {
  return static_cast<std::int64_t>(std::ceil(std::clamp(metres / metres_per_km, 0.0, longest_km)));
}

}  // namespace

minor_units delivery_fee(const delivery_fee_rule& rule, metres distance) noexcept {
  distance_band last{};
  for (const auto& band : rule.bands) {
    if (distance <= band.up_to) return band.fee;
    last = band;
  }
  return last.fee + rule.per_further_km * whole_km(distance.value - last.up_to.value);
}

minor_units small_order_fee(const pricing_terms& terms, minor_units subtotal) noexcept {
  if (subtotal >= terms.small_order_below) return {};
  return std::min(terms.small_order_fee, terms.small_order_below - subtotal);
}

}  // namespace dabba
