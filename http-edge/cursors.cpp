#include "http-edge/cursors.hpp"

#include <algorithm>

#include "http-edge/base64url.hpp"
#include "http-edge/secrets.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t time_bytes = 8;
constexpr std::size_t id_bytes = 16;
/// Nobody can guess 128 bits, and cursors stand in URLs.
constexpr std::size_t signature_bytes = 16;

std::string to_bytes(const page_end& x) {
  std::string out;
  for (std::size_t i = time_bytes; i-- > 0;)
    out += static_cast<char>(static_cast<std::uint64_t>(x.at.micros) >> (8 * i) & 0xff);
  out.append(x.id.bytes.begin(), x.id.bytes.end());
  return out;
}

page_end from_bytes(std::string_view bytes) {
  page_end made;
  std::uint64_t micros = 0;
  for (std::size_t i = 0; i < time_bytes; ++i) micros = micros << 8 | static_cast<unsigned char>(bytes[i]);
  made.at.micros = static_cast<std::int64_t>(micros);
  std::copy_n(bytes.begin() + time_bytes, id_bytes, made.id.bytes.begin());
  return made;
}

}  // namespace

std::string cursor_signer::signature(user_id caller, std::string_view list, std::string_view position) const {
  std::string text = "cursor ";
  text.append(caller.value.bytes.begin(), caller.value.bytes.end());
  text += position;  // of a fixed length, as the caller
  text += list;
  return keyed_hash(secret_, text).substr(0, signature_bytes);
}

std::string cursor_signer::sign(user_id caller, std::string_view list, const page_end& end) const {
  auto position = to_bytes(end);
  return base64url(position + signature(caller, list, position));
}

std::optional<page_end> cursor_signer::read(user_id caller, std::string_view list, std::string_view cursor) const {
  auto bytes = from_base64url(cursor);
  if (!bytes || bytes->size() != time_bytes + id_bytes + signature_bytes) return std::nullopt;
  auto position = std::string_view{*bytes}.substr(0, time_bytes + id_bytes);
  if (!is_same_secret(signature(caller, list, position), std::string_view{*bytes}.substr(position.size())))
    return std::nullopt;
  return from_bytes(position);
}

}  // namespace dabba::http
