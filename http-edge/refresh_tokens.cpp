#include "http-edge/refresh_tokens.hpp"

#include <algorithm>

#include "http-edge/base64url.hpp"
#include "http-edge/digest.hpp"
#include "http-edge/secrets.hpp"

namespace dabba {
namespace {

constexpr std::size_t id_bytes = 16;
constexpr std::size_t secret_bytes = 32;

session_id to_session(std::string_view bytes) {
  session_id made;
  std::copy_n(bytes.begin(), id_bytes, made.value.bytes.begin());
  return made;
}

std::string bytes_of(session_id x) { return {x.value.bytes.begin(), x.value.bytes.end()}; }

}  // namespace

refresh_token refresh_token::make() {
  // Whoever presents a session's id with a wrong secret ends the session, so the id must not be guessed either: all its
  // bits are random, whatever version of UUID that makes.
  return {to_session(random_bytes(id_bytes)), random_bytes(secret_bytes)};
}

std::optional<refresh_token> refresh_token::parse(std::string_view text) {
  auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != id_bytes + secret_bytes) return std::nullopt;
  return refresh_token{to_session(*bytes), bytes->substr(id_bytes)};
}

std::string refresh_token::text() const { return base64url(bytes_of(session) + secret); }

std::string refresh_token::hash() const { return http::sha256_hex(secret); }

refresh_token refresh_token::next(std::string_view seed) const { return {session, keyed_hash(seed, secret)}; }

}  // namespace dabba
