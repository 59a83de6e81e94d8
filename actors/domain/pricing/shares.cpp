#include "actors/domain/pricing/shares.hpp"

#include <algorithm>
#include <numeric>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

/// Holds the product of any two amounts.
__extension__ using wide = __int128;

static_assert(limits::order_minor < INT64_MAX / 20'000, "a sum of whole orders' amounts is one, too");

}  // namespace

minor_units part_of(minor_units amount, std::int64_t numerator, std::int64_t denominator) noexcept {
  auto product = static_cast<wide>(amount.value) * numerator;
  return {static_cast<std::int64_t>((2 * product + denominator) / (2 * static_cast<wide>(denominator)))};
}

minor_units sum(std::span<const minor_units> amounts) noexcept {
  minor_units all;
  for (auto each : amounts) all += each;
  return all;
}

std::vector<minor_units> spread(minor_units total, std::span<const minor_units> weights) {
  std::vector<minor_units> shares(weights.size());
  auto whole = sum(weights);
  if (whole.value == 0) return shares;
  std::vector<std::int64_t> lost(weights.size());
  auto left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    auto exact = static_cast<wide>(total.value) * weights[i].value;
    shares[i] = {static_cast<std::int64_t>(exact / whole.value)};
    lost[i] = static_cast<std::int64_t>(exact % whole.value);
    left -= shares[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&lost](std::size_t i) { return lost[i]; });
  // What is left over is less than one unit for each that lost something.
  for (std::size_t i = 0; left.value > 0; ++i, left -= minor_units{1}) shares[order[i]] += minor_units{1};
  return shares;
}

}  // namespace dabba
