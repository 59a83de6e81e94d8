/// Access tokens: ES256 JWTs with a fixed algorithm, issuer and audience. They live in real time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "protocols/model/enum_names.hpp"
#include "protocols/model/ids.hpp"

namespace dabba {

enum class user_role : std::uint8_t { customer, restaurant, partner, support, admin };
template <>
inline constexpr auto enum_names<user_role> =
    std::to_array<std::string_view>({"CUSTOMER", "RESTAURANT", "PARTNER", "SUPPORT", "ADMIN"});

/// Who calls.
struct principal {
  user_id id;
  user_role role = user_role::customer;
  friend bool operator==(const principal&, const principal&) = default;
};

using real_time = std::chrono::system_clock::time_point;

struct verified_token {
  principal who;
  real_time expires_at;
};

/// A P-256 key. Safe to use from any thread. Errors are sentences for people, without secrets.
class token_keys {
 public:
  /// Reads a private or public key, PEM or JWK.
  static tl::expected<token_keys, std::string> load(const std::filesystem::path& file);
  /// Makes a key and writes it as PEM, readable by its owner only; the file must not exist.
  static tl::expected<token_keys, std::string> create(const std::filesystem::path& file);

  token_keys(token_keys&&) noexcept;
  token_keys& operator=(token_keys&&) noexcept;
  ~token_keys();

  /// A token for `who`, valid from `now` for at most limits::token_lifetime. Needs the private key.
  [[nodiscard]] tl::expected<std::string, std::string> sign(const principal& who, real_time now,
                                                            std::chrono::seconds lifetime) const;
  [[nodiscard]] tl::expected<verified_token, std::string> verify(std::string_view token, real_time now) const;

 private:
  class impl;
  explicit token_keys(std::unique_ptr<impl> made);
  std::unique_ptr<impl> impl_;
};

}  // namespace dabba
