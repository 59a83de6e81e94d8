/// Request bodies and queries as Stripe's clients write them: application/x-www-form-urlencoded, with brackets for what
/// is inside something (`metadata[order]=7`, `types[]=a`, `types[0]=a`).
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace dabba::sandbox {

/// An object whose leaves are strings. Lists are objects with the keys "0", "1" and so on.
/// Throws api_error for what is no such form, or has more pairs or deeper brackets than limits allow.
nlohmann::json parse_form(std::string_view text);

/// Percent and plus decoded; throws api_error for a broken escape.
std::string decode_component(std::string_view text);

}  // namespace dabba::sandbox
