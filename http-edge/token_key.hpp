/// One P-256 key, as it is read from a file. For tokens.cpp.
#pragma once

#include <cjose/cjose.h>
#include <filesystem>
#include <memory>
#include <string>
#include <tl/expected.hpp>

namespace dabba {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};
using jwk = std::unique_ptr<cjose_jwk_t, freed_by<cjose_jwk_release>>;

struct token_key {
  jwk key;
  std::string id;          ///< its thumbprint (RFC 7638): what tokens name as `kid`
  std::string public_jwk;  ///< the half that everybody may know, with `kid`, `use` and `alg`
};

/// Of a private or public key, PEM or JWK. The error is a sentence for people, without secrets.
tl::expected<token_key, std::string> parse_token_key(const std::string& text, const std::string& name);
/// A new private key as PEM.
tl::expected<std::string, std::string> make_token_key();

/// The whole file; an error when it can't be read or is empty.
tl::expected<std::string, std::string> read_key_file(const std::filesystem::path& file);
/// Writes all of `text` to a new file that only its owner may read.
bool write_secret_file(const std::filesystem::path& file, std::string_view text);

}  // namespace dabba
