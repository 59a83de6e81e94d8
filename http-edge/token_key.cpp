#include "http-edge/token_key.hpp"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "http-edge/base64url.hpp"

namespace dabba {
namespace {

tl::unexpected<std::string> refuse(std::string why) { return tl::unexpected<std::string>{std::move(why)}; }

using evp_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using bio = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using bignum = std::unique_ptr<BIGNUM, freed_by<BN_clear_free>>;
using coordinate = std::array<std::uint8_t, 32>;

std::optional<coordinate> parameter(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (!EVP_PKEY_get_bn_param(key, name, &raw)) return std::nullopt;
  bignum owned{raw};
  coordinate bytes{};
  if (BN_bn2binpad(owned.get(), bytes.data(), bytes.size()) != static_cast<int>(bytes.size())) return std::nullopt;
  return bytes;
}

jwk to_jwk(const EVP_PKEY* key) {
  auto x = parameter(key, OSSL_PKEY_PARAM_EC_PUB_X);
  auto y = parameter(key, OSSL_PKEY_PARAM_EC_PUB_Y);
  auto d = parameter(key, OSSL_PKEY_PARAM_PRIV_KEY);
  if (!x || !y) return nullptr;
  cjose_jwk_ec_keyspec spec{};
  spec.crv = CJOSE_JWK_EC_P_256;
  spec.x = x->data();
  spec.xlen = x->size();
  spec.y = y->data();
  spec.ylen = y->size();
  if (d) {
    spec.d = d->data();
    spec.dlen = d->size();
  }
  return jwk{cjose_jwk_create_EC_spec(&spec, nullptr)};
}

bool is_p256(const cjose_jwk_t* key) {
  return key && cjose_jwk_get_kty(key, nullptr) == CJOSE_JWK_KTY_EC &&
         cjose_jwk_EC_get_curve(key, nullptr) == CJOSE_JWK_EC_P_256;
}

/// Asking OpenSSL for a pass phrase would read the terminal.
int no_password(char*, int, int, void*) { return -1; }

jwk read_pem(const std::string& text) {
  auto open = [&] { return bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))}; };
  evp_key key{PEM_read_bio_PrivateKey(open().get(), nullptr, no_password, nullptr)};
  if (!key) key.reset(PEM_read_bio_PUBKEY(open().get(), nullptr, no_password, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC || EVP_PKEY_get_bits(key.get()) != 256) return nullptr;
  return to_jwk(key.get());
}

bool is_json(const std::string& text) {
  auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{';
}

std::string sha256(std::string_view text) {
  std::string bytes(32, '\0');
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(bytes.data()), nullptr, EVP_sha256(),
                 nullptr) != 1)
    throw std::runtime_error{"SHA-256 is not available"};
  return bytes;
}

/// The public members of the key as cjose writes them, coordinates of 32 bytes each.
nlohmann::json public_members(const cjose_jwk_t* key) {
  char* text = cjose_jwk_to_json(key, false, nullptr);
  auto written = text ? nlohmann::json::parse(text, nullptr, false) : nlohmann::json{};
  if (text) cjose_get_dealloc()(text);
  if (!written.is_object() || !written.contains("x") || !written.contains("y")) return {};
  return {{"crv", "P-256"}, {"kty", "EC"}, {"x", written["x"]}, {"y", written["y"]}};
}

}  // namespace

tl::expected<token_key, std::string> parse_token_key(const std::string& text, const std::string& name) {
  token_key made;
  made.key = is_json(text) ? jwk{cjose_jwk_import(text.data(), text.size(), nullptr)} : read_pem(text);
  if (!is_p256(made.key.get())) return refuse(name + " holds no P-256 key");
  auto members = public_members(made.key.get());
  if (members.is_null()) return refuse(name + " holds a key that can't be written");
  // The members a thumbprint is made of, in lexicographic order, which is how the library dumps them.
  made.id = base64url(sha256(members.dump()));
  members.update({{"kid", made.id}, {"use", "sig"}, {"alg", "ES256"}});
  made.public_jwk = members.dump();
  return made;
}

tl::expected<std::string, std::string> make_token_key() {
  evp_key made{EVP_EC_gen("P-256")};
  bio out{BIO_new(BIO_s_mem())};
  if (!made || !out || !PEM_write_bio_PKCS8PrivateKey(out.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr))
    return refuse("can't make a key");
  char* text = nullptr;
  auto length = BIO_get_mem_data(out.get(), &text);
  return std::string{text, static_cast<std::size_t>(length)};
}

tl::expected<std::string, std::string> read_key_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream content;
  content << in.rdbuf();
  auto text = content.str();
  if (!in || text.empty()) return refuse("can't read " + file.string());
  return text;
}

bool write_secret_file(const std::filesystem::path& file, std::string_view text) {
  int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return ::close(fd) == 0 && written;
}

}  // namespace dabba
