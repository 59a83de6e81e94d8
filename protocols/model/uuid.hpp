/// UUIDs (RFC 9562): the one representation of every id.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/model/instant.hpp"

namespace dabba {

struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const uuid&, const uuid&) = default;

  [[nodiscard]] bool is_nil() const noexcept { return *this == uuid{}; }
};

/// The usual 36 characters, lower case.
std::string to_string(const uuid& x);

/// Reads the 36-character form, either case; nothing for any other text.
std::optional<uuid> parse_uuid(std::string_view text) noexcept;

/// A new version 7 UUID: 48 bits of Unix milliseconds, then random bits. Ids made by one thread in the same
/// millisecond rise (RFC 9562, section 6.2, method 2: the random part is incremented).
uuid make_uuid_v7(instant now);

/// A version 8 UUID computed from `name` within `space`: the same input gives the same id on every node. For command
/// ids that must repeat when a request is repeated.
uuid derive_uuid(const uuid& space, std::string_view name);

template <class Inspector>
bool inspect(Inspector& f, uuid& x) {
  if (f.has_human_readable_format()) {
    auto get = [&x] { return to_string(x); };
    auto set = [&x](const std::string& text) {
      auto parsed = parse_uuid(text);
      if (parsed) x = *parsed;
      return parsed.has_value();
    };
    return f.apply(get, set);
  }
  return f.apply(x.bytes);
}

}  // namespace dabba

template <>
struct std::hash<dabba::uuid> {
  /// Ids are random in their last eight bytes, so these are the hash.
  std::size_t operator()(const dabba::uuid& x) const noexcept {
    std::size_t h = 0;
    for (std::size_t i = 8; i < 16; ++i) h = h << 8 | x.bytes[i];
    return h ^ (static_cast<std::size_t>(x.bytes[5]) << 16 | static_cast<std::size_t>(x.bytes[6]) << 8 | x.bytes[7]);
  }
};
