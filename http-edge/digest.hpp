/// SHA-256 in hexadecimal.
#pragma once

#include <string>
#include <string_view>

namespace dabba::http {

std::string sha256_hex(std::string_view text);

}  // namespace dabba::http
