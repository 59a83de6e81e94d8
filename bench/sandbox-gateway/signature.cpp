#include "bench/sandbox-gateway/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>
#include <stdexcept>

namespace dabba::sandbox {

namespace {

constexpr std::size_t digest_bytes = 32;

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string hmac_of(std::string_view text, std::string_view secret) {
  std::array<unsigned char, digest_bytes> bytes{};
  unsigned length = 0;
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &length))
    throw std::runtime_error{"HMAC is not available"};
  return hexadecimal(bytes);
}

}  // namespace

std::string signature_header(unix_seconds at, std::string_view payload, const std::vector<std::string>& secrets) {
  const auto time = std::to_string(at);
  const auto signed_text = time + "." + std::string{payload};
  auto header = "t=" + time;
  for (const auto& each : secrets) header += ",v1=" + hmac_of(signed_text, each);
  return header;
}

std::string fingerprint_of(std::string_view text) {
  std::array<unsigned char, digest_bytes> bytes{};
  if (EVP_Digest(text.data(), text.size(), bytes.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error{"SHA-256 is not available"};
  return hexadecimal(bytes);
}

}  // namespace dabba::sandbox
