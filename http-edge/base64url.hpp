/// Base64 for URLs and tokens, without padding (RFC 4648, section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dabba {

std::string base64url(std::string_view bytes);
/// Nothing for any other text, also for one that is not the shortest way to write its bytes.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace dabba
