#include "cluster-config/pricing_options.hpp"

#include <charconv>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using outcome = tl::expected<void, std::string>;

constexpr double longest_band_km = 1000;

outcome wrong(std::string_view value, std::string_view wanted) {
  return tl::unexpected{"'" + std::string{value} + "' is not " + std::string{wanted}};
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_whole = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  return is_whole ? std::optional{value} : std::nullopt;
}

/// The number times 100, when it has at most two decimals.
std::optional<std::int64_t> hundredths(std::string_view text) {
  auto point = text.find('.');
  std::string digits{text.substr(0, point)};
  auto decimals = point == std::string_view::npos ? std::string{} : std::string{text.substr(point + 1)};
  while (decimals.size() > 2 && decimals.ends_with('0')) decimals.pop_back();  // 2.500 says no more than 2.50
  if (digits.empty() || digits.size() > 12 || decimals.size() > 2 || text.ends_with('.')) return std::nullopt;
  decimals.resize(2, '0');
  if (decimals.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return whole_number(digits + decimals);
}

/// Calls `take(name, value)` for each part of `name=value,name=value`; the first error ends it.
template <class F>
outcome for_each_pair(std::string_view text, std::string_view wanted, F take) {
  while (!text.empty()) {
    auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    auto equals = part.rfind('=');
    if (equals == std::string_view::npos || equals == 0) return wrong(part, wanted);
    if (auto taken = take(part.substr(0, equals), part.substr(equals + 1)); !taken) return taken;
  }
  return {};
}

outcome add_band(std::string_view km_text, std::string_view fee_text, std::vector<distance_band>& into) {
  distance_band band;
  double km = -1;
  auto [end, error] = std::from_chars(km_text.data(), km_text.data() + km_text.size(), km);
  if (error != std::errc{} || end != km_text.data() + km_text.size() || !(km >= 0 && km <= longest_band_km))
    return wrong(km_text, "kilometres, from 0 to 1000");
  band.up_to = {km * 1000};
  if (auto fee = parse_amount(fee_text, band.fee); !fee) return fee;
  bool rises = into.empty() || (band.up_to > into.back().up_to && band.fee >= into.back().fee);
  if (!rises) return wrong(km_text, "farther than the band before it, or its fee is less");
  into.push_back(band);
  return {};
}

}  // namespace

outcome parse_percent(std::string_view text, basis_points& into) {
  auto value = hundredths(text);
  if (!value || *value > all_of_it.value) return wrong(text, "a percentage from 0 to 100, with at most two decimals");
  into = {static_cast<std::int32_t>(*value)};
  return {};
}

outcome parse_category_rates(std::string_view text, std::map<std::string, basis_points>& into) {
  into.clear();
  return for_each_pair(text, "CATEGORY=PERCENT", [&into](std::string_view category, std::string_view rate) {
    return parse_percent(rate, into[std::string{category}]);
  });
}

outcome parse_amount(std::string_view text, minor_units& into) {
  auto value = hundredths(text);
  if (!value || *value > limits::amount_minor) return wrong(text, "an amount, with at most two decimals");
  into = {*value};
  return {};
}

outcome parse_distance_bands(std::string_view text, std::vector<distance_band>& into) {
  into.clear();
  if (text.find('=') == std::string_view::npos) return add_band("0", text, into);
  return for_each_pair(
      text, "KILOMETRES=FEE", [&into](std::string_view km, std::string_view fee) { return add_band(km, fee, into); });
}

}  // namespace dabba
