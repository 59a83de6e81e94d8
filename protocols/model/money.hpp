/// Money: whole minor units and a currency; never floating point.
#pragma once

#include <cstdint>

#include "protocols/model/enum_names.hpp"

namespace dabba {

/// ISO 4217 codes this build knows; all of them have two decimals.
enum class currency : std::uint8_t { INR, USD, EUR, GBP };
template <>
inline constexpr auto enum_names<currency> = std::to_array<std::string_view>({"INR", "USD", "EUR", "GBP"});

/// An amount in minor units (paise, cents) of a currency named beside it.
struct minor_units {
  std::int64_t value = 0;

  friend auto operator<=>(const minor_units&, const minor_units&) = default;
  friend constexpr minor_units operator+(minor_units a, minor_units b) noexcept { return {a.value + b.value}; }
  friend constexpr minor_units operator-(minor_units a, minor_units b) noexcept { return {a.value - b.value}; }
  minor_units& operator+=(minor_units b) noexcept { return *this = *this + b; }
  minor_units& operator-=(minor_units b) noexcept { return *this = *this - b; }
  friend minor_units operator*(minor_units a, std::int64_t n) noexcept { return {a.value * n}; }
};

template <class Inspector>
bool inspect(Inspector& f, minor_units& x) {
  return f.apply(x.value);
}

}  // namespace dabba
