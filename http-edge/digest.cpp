#include "http-edge/digest.hpp"

#include <openssl/evp.h>
#include <array>
#include <stdexcept>

namespace dabba::http {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, 32> bytes{};
  if (EVP_Digest(text.data(), text.size(), bytes.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error{"SHA-256 is not available"};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace dabba::http
