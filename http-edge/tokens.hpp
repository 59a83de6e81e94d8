/// Access tokens: ES256 JWTs with a fixed algorithm, issuer and audience. They live in real time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "protocols/model/account.hpp"

namespace dabba {

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

/// Where a node's keys are.
struct key_files {
  std::filesystem::path signing;       ///< tokens are signed with this one
  std::filesystem::path verification;  ///< a folder of others whose tokens are taken, too; empty: there are none
};

/// P-256 keys: one that signs, and all whose tokens are taken. Safe to use from any thread. Errors are sentences for
/// people, without secrets.
class token_keys {
 public:
  /// Reads keys, PEM or JWK: a private one that signs, private or public ones besides. A file in the folder that is no
  /// key is an error; those whose names begin with a dot are passed over.
  static tl::expected<token_keys, std::string> load(const key_files& files);
  static tl::expected<token_keys, std::string> load(const std::filesystem::path& signing);
  /// Makes a key and writes it as PEM, readable by its owner only; the file must not exist.
  static tl::expected<token_keys, std::string> create(const std::filesystem::path& file);

  token_keys(token_keys&&) noexcept;
  token_keys& operator=(token_keys&&) noexcept;
  ~token_keys();

  /// A token for `who`, valid from `now` for at most limits::token_lifetime.
  [[nodiscard]] tl::expected<std::string, std::string> sign(const principal& who, real_time now,
                                                            std::chrono::seconds lifetime) const;
  [[nodiscard]] tl::expected<verified_token, std::string> verify(std::string_view token, real_time now) const;

  /// The public halves of all keys, as a JSON Web Key Set (RFC 7517).
  [[nodiscard]] std::string key_set() const;
  /// Of the key that signs.
  [[nodiscard]] std::string signing_key_id() const;

  /// Reads the files again. True when they hold other keys than before, which are the keys from then on; an error when
  /// they can't be read, and then the keys stay as they were. Tokens of a key that is gone are taken no more.
  tl::expected<bool, std::string> reload();

 private:
  class impl;
  explicit token_keys(std::unique_ptr<impl> made);
  std::unique_ptr<impl> impl_;
};

}  // namespace dabba
