/// The settings of taxes and fees, from the text of an option.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "protocols/model/pricing_terms.hpp"

namespace dabba {

/// `5` or `2.5`: percent, at most two decimals, from 0 to 100.
tl::expected<void, std::string> parse_percent(std::string_view text, basis_points& into);
/// `drinks=18,bread=0`: a category of the menu and its percentage each.
tl::expected<void, std::string> parse_category_rates(std::string_view text, std::map<std::string, basis_points>& into);
/// `20` or `20.50`: an amount in major units, at most two decimals.
tl::expected<void, std::string> parse_amount(std::string_view text, minor_units& into);
/// `3=20,7=35.50`: kilometres and the fee up to there, both rising; or one amount for any distance.
tl::expected<void, std::string> parse_distance_bands(std::string_view text, std::vector<distance_band>& into);

}  // namespace dabba
