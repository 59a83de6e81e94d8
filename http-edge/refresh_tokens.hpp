/// Refresh tokens: opaque to whoever holds one, the session's id and 256 secret bits in fact. The store sees hashes of
/// them only (docs/adr/0008-refresh-tokens.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocols/model/account.hpp"

namespace dabba {

struct refresh_token {
  session_id session;
  std::string secret;  ///< 32 bytes

  static refresh_token make();
  /// Nothing for a text that none of ours can be.
  static std::optional<refresh_token> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  /// Hexadecimal. The secret is random: a plain hash of it tells nothing.
  [[nodiscard]] std::string hash() const;
  /// The token that takes this one's place: the same whenever it is made with the same seed, and unknown to whoever has
  /// only one of the two.
  [[nodiscard]] refresh_token next(std::string_view seed) const;
};

}  // namespace dabba
