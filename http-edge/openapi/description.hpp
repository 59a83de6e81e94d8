/// The description of the API as OpenAPI 3.1, made by bundle.py of the files beside it.
#pragma once

#include <string_view>

namespace dabba::http {

/// JSON.
std::string_view description() noexcept;
/// Quoted, as it stands in the header.
std::string_view description_etag() noexcept;

}  // namespace dabba::http
