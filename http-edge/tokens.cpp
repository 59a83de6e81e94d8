#include "http-edge/tokens.hpp"

#include <cjose/cjose.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>
#include <array>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unordered_map>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view issuer = "dabba";
constexpr std::size_t token_chars = 4096;
/// 64 bytes in base64. cjose passes over what comes after them.
constexpr std::size_t signature_chars = 86;
constexpr std::size_t cached_tokens = 50'000;
/// How far another node's wall clock may be off.
constexpr auto clock_skew = 30s;

tl::unexpected<std::string> refuse(std::string why) { return tl::unexpected<std::string>{std::move(why)}; }

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};
using evp_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using bio = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using bignum = std::unique_ptr<BIGNUM, freed_by<BN_clear_free>>;
using jwk = std::unique_ptr<cjose_jwk_t, freed_by<cjose_jwk_release>>;
using jws = std::unique_ptr<cjose_jws_t, freed_by<cjose_jws_release>>;
using header = std::unique_ptr<cjose_header_t, freed_by<cjose_header_release>>;

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

/// Writes all of `text` to a new file that only its owner may read.
bool write_secret(const std::filesystem::path& file, std::string_view text) {
  int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return ::close(fd) == 0 && written;
}

std::int64_t unix_seconds(real_time t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

std::optional<std::int64_t> seconds_of(const nlohmann::json& claims, const char* name) {
  auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
  auto value = found->get<std::int64_t>();
  // Far outside of what a token can say, and safe to calculate with.
  if (value < 0 || value > 100'000'000'000) return std::nullopt;
  return value;
}

std::string text_of(const nlohmann::json& claims, const char* name) {
  auto found = claims.find(name);
  return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool is_for_us(const nlohmann::json& claims) {
  auto audience = claims.find("aud");
  if (text_of(claims, "iss") != issuer || audience == claims.end()) return false;
  if (audience->is_string()) return *audience == issuer;
  if (!audience->is_array()) return false;
  for (const auto& each : *audience)
    if (each == issuer) return true;
  return false;
}

/// What the signed `claims` say, when they are for us, now.
tl::expected<verified_token, std::string> read_claims(std::string_view text, real_time now) {
  auto claims = nlohmann::json::parse(text, nullptr, false);
  if (!claims.is_object() || !is_for_us(claims)) return refuse("the token is not for this platform");
  auto issued = seconds_of(claims, "iat");
  auto expires = seconds_of(claims, "exp");
  if (!issued || !expires || *expires <= *issued ||
      *expires - *issued > std::chrono::seconds{limits::token_lifetime}.count())
    return refuse("the token's lifetime is not allowed");
  if (*issued > unix_seconds(now + clock_skew)) return refuse("the token is from the future");
  if (*expires <= unix_seconds(now)) return refuse("the token has expired");
  auto subject = parse_uuid(text_of(claims, "sub"));
  auto role = parse_enum<user_role>(text_of(claims, "role"));
  if (!subject || subject->is_nil() || !role) return refuse("the token names no user");
  return verified_token{{user_id{*subject}, *role}, real_time{std::chrono::seconds{*expires}}};
}

}  // namespace

/// The key, and tokens seen before: verifying one costs as much as several requests.
class token_keys::impl {
 public:
  explicit impl(jwk key) : key_{std::move(key)} {}

  [[nodiscard]] tl::expected<std::string, std::string> sign(const std::string& claims) const {
    header protected_header{cjose_header_new(nullptr)};
    if (!protected_header || !cjose_header_set(protected_header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, nullptr) ||
        !cjose_header_set(protected_header.get(), "typ", "JWT", nullptr))
      return refuse("out of memory");
    jws made{cjose_jws_sign(key_.get(), protected_header.get(), reinterpret_cast<const std::uint8_t*>(claims.data()),
                            claims.size(), nullptr)};
    const char* compact = nullptr;
    if (!made || !cjose_jws_export(made.get(), &compact, nullptr)) return refuse("this key can't sign");
    return std::string{compact};
  }

  [[nodiscard]] tl::expected<verified_token, std::string> verify(std::string_view token, real_time now) {
    if (token.empty() || token.size() > token_chars) return refuse("not a token");
    std::string key{token};
    {
      std::lock_guard lock{mutex_};
      if (auto seen = seen_.find(key); seen != seen_.end()) {
        if (seen->second.expires_at > now) return seen->second;
        seen_.erase(seen);
        return refuse("the token has expired");
      }
    }
    auto verified =
        verify_signature(token).and_then([&](const std::string& claims) { return read_claims(claims, now); });
    if (verified) {
      std::lock_guard lock{mutex_};
      if (seen_.size() >= cached_tokens) seen_.clear();
      seen_.emplace(std::move(key), *verified);
    }
    return verified;
  }

 private:
  [[nodiscard]] tl::expected<std::string, std::string> verify_signature(std::string_view token) const {
    if (token.size() - token.rfind('.') - 1 != signature_chars) return refuse("not a token");
    jws read{cjose_jws_import(token.data(), token.size(), nullptr)};
    if (!read) return refuse("not a token");
    cjose_header_t* fields = cjose_jws_get_protected(read.get());  // owned by the token
    const char* algorithm = cjose_header_get(fields, CJOSE_HDR_ALG, nullptr);
    if (!algorithm || std::string_view{algorithm} != CJOSE_HDR_ALG_ES256 || cjose_header_get(fields, "crit", nullptr))
      return refuse("the token is not signed with ES256");
    std::uint8_t* text = nullptr;
    std::size_t length = 0;
    if (!cjose_jws_verify(read.get(), key_.get(), nullptr) ||
        !cjose_jws_get_plaintext(read.get(), &text, &length, nullptr))
      return refuse("the token's signature is wrong");
    return std::string{reinterpret_cast<const char*>(text), length};
  }

  jwk key_;
  std::mutex mutex_;
  std::unordered_map<std::string, verified_token> seen_;
};

token_keys::token_keys(std::unique_ptr<impl> made) : impl_{std::move(made)} {}
token_keys::token_keys(token_keys&&) noexcept = default;
token_keys& token_keys::operator=(token_keys&&) noexcept = default;
token_keys::~token_keys() = default;

tl::expected<token_keys, std::string> token_keys::load(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream content;
  content << in.rdbuf();
  std::string text = content.str();
  if (!in || text.empty()) return refuse("can't read " + file.string());
  bool is_json =
      text.find_first_not_of(" \t\r\n") != std::string::npos && text[text.find_first_not_of(" \t\r\n")] == '{';
  jwk key = is_json ? jwk{cjose_jwk_import(text.data(), text.size(), nullptr)} : read_pem(text);
  if (!is_p256(key.get())) return refuse(file.string() + " holds no P-256 key");
  return token_keys{std::make_unique<impl>(std::move(key))};
}

tl::expected<token_keys, std::string> token_keys::create(const std::filesystem::path& file) {
  evp_key made{EVP_EC_gen("P-256")};
  bio out{BIO_new(BIO_s_mem())};
  if (!made || !out || !PEM_write_bio_PKCS8PrivateKey(out.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr))
    return refuse("can't make a key");
  char* text = nullptr;
  auto length = BIO_get_mem_data(out.get(), &text);
  if (!write_secret(file, {text, static_cast<std::size_t>(length)})) return refuse("can't write " + file.string());
  return token_keys{std::make_unique<impl>(to_jwk(made.get()))};
}

tl::expected<std::string, std::string> token_keys::sign(const principal& who, real_time now,
                                                        std::chrono::seconds lifetime) const {
  if (lifetime <= 0s || lifetime > limits::token_lifetime) return refuse("a token lives at most 15 minutes");
  auto issued = unix_seconds(now);
  nlohmann::json claims{{"iss", issuer},          {"aud", issuer}, {"sub", to_string(who.id)},
                        {"role", name(who.role)}, {"iat", issued}, {"exp", issued + lifetime.count()}};
  return impl_->sign(claims.dump());
}

tl::expected<verified_token, std::string> token_keys::verify(std::string_view token, real_time now) const {
  return impl_->verify(token, now);
}

}  // namespace dabba
