#include "http-edge/stripe/webhook_signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <vector>

namespace dabba::stripe {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t longest_header = 4096;
/// More than Stripe sends while secrets are replaced.
constexpr std::size_t most_signatures = 16;
/// Until the year 33658; longer ones could not be subtracted.
constexpr std::size_t most_digits = 12;

using digest = std::array<unsigned char, digest_bytes>;

struct signature_header {
  std::string_view time_text;
  std::chrono::sys_seconds time;
  std::vector<digest> signatures;
};

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<digest> digest_of(std::string_view hexadecimal) {
  if (hexadecimal.size() != 2 * digest_bytes) return std::nullopt;
  digest out{};
  for (std::size_t i = 0; i < digest_bytes; ++i) {
    int high = digit_of(hexadecimal[2 * i]), low = digit_of(hexadecimal[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return out;
}

std::optional<std::chrono::sys_seconds> time_of(std::string_view text) {
  std::int64_t seconds = 0;
  if (text.empty() || text.size() > most_digits || text.front() == '-') return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{seconds}};
}

/// Signatures that are none, or of another scheme, are passed over as one that does not match.
std::optional<signature_header> parse_header(std::string_view text) {
  if (text.size() > longest_header) return std::nullopt;
  signature_header out;
  while (!text.empty()) {
    auto end = std::min(text.find(','), text.size());
    auto item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    auto equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto name = item.substr(0, equals), value = item.substr(equals + 1);
    if (name == "t") {
      auto time = time_of(value);
      if (!time || !out.time_text.empty()) return std::nullopt;
      out.time_text = value;
      out.time = *time;
    } else if (name == "v1" && out.signatures.size() < most_signatures) {
      if (auto made = digest_of(value)) out.signatures.push_back(*made);
    }
  }
  if (out.time_text.empty()) return std::nullopt;
  return out;
}

digest sign(const std::string& text, const std::string& secret) {
  digest out{};
  unsigned length = 0;
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &length))
    throw std::runtime_error{"HMAC is not available"};
  return out;
}

}  // namespace

tl::expected<void, signature_flaw> verify_signature(std::string_view header, std::string_view body,
                                                    std::span<const outbound::secret_text> secrets,
                                                    std::chrono::sys_seconds now) {
  auto given = parse_header(header);
  if (!given) return tl::unexpected{signature_flaw::malformed};
  if (given->signatures.empty()) return tl::unexpected{signature_flaw::no_signature};
  std::string signed_text{given->time_text};
  signed_text.append(1, '.').append(body);
  // Each is compared with each and to its end, so that the time taken says nothing.
  bool matches = false;
  for (const auto& secret : secrets) {
    if (secret.is_empty()) continue;
    auto expected = sign(signed_text, secret.reveal());
    for (const auto& each : given->signatures)
      matches |= CRYPTO_memcmp(each.data(), expected.data(), digest_bytes) == 0;
  }
  if (!matches) return tl::unexpected{signature_flaw::no_match};
  if (std::chrono::abs(now - given->time) > signature_tolerance) return tl::unexpected{signature_flaw::out_of_time};
  return {};
}

}  // namespace dabba::stripe
