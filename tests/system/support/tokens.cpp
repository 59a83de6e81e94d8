#include "tests/system/support/tokens.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <random>
#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <nlohmann/json.hpp>

namespace dabba::system_tests {
namespace {

constexpr int coordinate_bytes = 32;
constexpr int lifetime_seconds = 600;

void must(bool done) {
  if (!done) throw std::runtime_error{"OpenSSL refused"};
}

/// JWS wants r and s side by side where OpenSSL gives ASN.1.
std::string flat_signature(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed{
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free};
  must(parsed != nullptr);
  std::array<unsigned char, 2 * coordinate_bytes> flat{};
  must(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), flat.data(), coordinate_bytes) == coordinate_bytes);
  must(BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), flat.data() + coordinate_bytes, coordinate_bytes) ==
       coordinate_bytes);
  return {flat.begin(), flat.end()};
}

}  // namespace

std::string new_uuid() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  std::array<char, 37> text{};
  auto high = random(), low = random();
  std::snprintf(
      text.data(), text.size(), "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(high >> 32),
      static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xfff),
      static_cast<unsigned>(0x8000 | (low >> 48 & 0x3fff)), static_cast<unsigned long long>(low & 0xffff'ffff'ffffULL));
  return text.data();
}

std::string base64url(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                               reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

token_maker::token_maker(const std::filesystem::path& key_file) : key_{nullptr} {
  std::unique_ptr<std::FILE, decltype(&std::fclose)> file{std::fopen(key_file.c_str(), "r"), std::fclose};
  if (file) key_ = PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr);
  must(key_ != nullptr);
}

token_maker::~token_maker() { EVP_PKEY_free(key_); }

nlohmann::json token_maker::claims(const std::string& role, const std::string& subject) {
  auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return {{"iss", "dabba"}, {"aud", "dabba"}, {"sub", subject},
          {"role", role},   {"iat", now},     {"exp", now + lifetime_seconds}};
}

std::string token_maker::token(const std::string& role, const std::string& subject) const {
  return sign({{"alg", "ES256"}, {"typ", "JWT"}}, claims(role, subject));
}

std::string token_maker::sign(const nlohmann::json& header, const nlohmann::json& claims) const {
  auto text = base64url(header.dump()) + '.' + base64url(claims.dump());
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_) == 1);
  std::size_t length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  must(EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size()) == 1);
  std::string der(length, '\0');
  must(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &length, bytes, text.size()) == 1);
  der.resize(length);
  return text + '.' + base64url(flat_signature(der));
}

}  // namespace dabba::system_tests
