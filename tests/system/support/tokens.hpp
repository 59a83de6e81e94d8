/// Access tokens made here and not by the code under test: right ones for every role, and every kind of wrong one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

struct evp_pkey_st;

namespace dabba::system_tests {

/// A random UUID.
std::string new_uuid();

/// `bytes` in base64 for URLs, without padding.
std::string base64url(const std::string& bytes);

class token_maker {
 public:
  /// A P-256 key in PEM.
  explicit token_maker(const std::filesystem::path& key_file);
  ~token_maker();
  token_maker(const token_maker&) = delete;
  token_maker& operator=(const token_maker&) = delete;

  /// A token that is valid for the next ten minutes.
  [[nodiscard]] std::string token(const std::string& role, const std::string& subject) const;
  /// Whatever is asked for, signed with ES256.
  [[nodiscard]] std::string sign(const nlohmann::json& header, const nlohmann::json& claims) const;
  /// What `token` signs, to be spoilt.
  [[nodiscard]] static nlohmann::json claims(const std::string& role, const std::string& subject);

 private:
  evp_pkey_st* key_;
};

}  // namespace dabba::system_tests
