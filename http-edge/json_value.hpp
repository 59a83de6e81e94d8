/// A parsed JSON text that keeps numbers as they were written, so that money is read from its digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace dabba::http {

struct json_value {
  enum class kind : std::uint8_t { null, boolean, number, string, array, object };

  kind what = kind::null;
  bool truth = false;
  std::string text;  ///< of a string, or a number's digits
  std::vector<json_value> items;
  std::vector<std::pair<std::string, json_value>> members;

  /// The member `key`; nothing when there is none or this is no object.
  [[nodiscard]] const json_value* find(std::string_view key) const noexcept;
};

/// Why a text is no JSON that we take, and at which byte (from 1).
struct json_error {
  std::size_t position = 0;
  std::string reason;
};

/// Reads strict JSON (RFC 8259) in valid UTF-8, at most 16 levels deep, no key twice in an object.
tl::expected<json_value, json_error> parse_json(std::string_view text);

}  // namespace dabba::http
