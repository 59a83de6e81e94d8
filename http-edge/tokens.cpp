#include "http-edge/tokens.hpp"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "http-edge/token_key.hpp"
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

using jws = std::unique_ptr<cjose_jws_t, freed_by<cjose_jws_release>>;
using header = std::unique_ptr<cjose_header_t, freed_by<cjose_header_release>>;

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

// -- Keys ------------------------------------------------------------------------------------------------------------

/// All keys of one reading of the files; never changed.
struct key_ring {
  std::vector<token_key> keys;  ///< the first one signs
  std::string text;             ///< what the files held

  [[nodiscard]] bool has(const std::string& id) const {
    return std::ranges::find(keys, id, &token_key::id) != keys.end();
  }
};
using ring_ptr = std::shared_ptr<const key_ring>;

tl::expected<std::string, std::string> sign_claims(const token_key& with, const std::string& claims) {
  header fields{cjose_header_new(nullptr)};
  if (!fields || !cjose_header_set(fields.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, nullptr) ||
      !cjose_header_set(fields.get(), CJOSE_HDR_KID, with.id.c_str(), nullptr) ||
      !cjose_header_set(fields.get(), "typ", "JWT", nullptr))
    return refuse("out of memory");
  jws made{cjose_jws_sign(
      with.key.get(), fields.get(), reinterpret_cast<const std::uint8_t*>(claims.data()), claims.size(), nullptr)};
  const char* compact = nullptr;
  if (!made || !cjose_jws_export(made.get(), &compact, nullptr)) return refuse("this key can't sign");
  return std::string{compact};
}

/// The claims, when one of the keys signed them: the one the token names, or any when it names none.
tl::expected<std::string, std::string> verify_signature(const key_ring& ring, std::string_view token) {
  if (token.size() - token.rfind('.') - 1 != signature_chars) return refuse("not a token");
  jws read{cjose_jws_import(token.data(), token.size(), nullptr)};
  if (!read) return refuse("not a token");
  cjose_header_t* fields = cjose_jws_get_protected(read.get());  // owned by the token
  const char* algorithm = cjose_header_get(fields, CJOSE_HDR_ALG, nullptr);
  if (!algorithm || std::string_view{algorithm} != CJOSE_HDR_ALG_ES256 || cjose_header_get(fields, "crit", nullptr))
    return refuse("the token is not signed with ES256");
  const char* wanted = cjose_header_get(fields, CJOSE_HDR_KID, nullptr);
  for (const auto& each : ring.keys) {
    if (wanted && each.id != wanted) continue;
    if (!cjose_jws_verify(read.get(), each.key.get(), nullptr)) continue;
    std::uint8_t* text = nullptr;
    std::size_t length = 0;
    if (!cjose_jws_get_plaintext(read.get(), &text, &length, nullptr)) break;
    return std::string{reinterpret_cast<const char*>(text), length};
  }
  return refuse("the token's signature is wrong");
}

/// A public key only verifies.
bool can_sign(const token_key& x) { return sign_claims(x, "{}").has_value(); }

/// The folder's files, by name, without those of whoever mounts it.
tl::expected<std::vector<std::filesystem::path>, std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (folder.empty()) return files;
  std::error_code error;
  for (std::filesystem::directory_iterator each{folder, error}; !error && each != std::filesystem::directory_iterator{};
       each.increment(error))
    if (!each->path().filename().string().starts_with('.') && !each->is_directory(error)) files.push_back(each->path());
  if (error) return refuse(folder.string() + " can't be read: " + error.message());
  std::ranges::sort(files);
  return files;
}

tl::expected<ring_ptr, std::string> read_ring(const key_files& from) {
  auto files = files_in(from.verification);
  if (!files) return refuse(files.error());
  if (files->size() >= limits::token_keys)
    return refuse(from.verification.string() + " holds more than " + std::to_string(limits::token_keys - 1) + " keys");
  files->insert(files->begin(), from.signing);
  auto made = std::make_shared<key_ring>();
  for (const auto& file : *files) {
    auto text = read_key_file(file);
    if (!text) return refuse(text.error());
    auto key = parse_token_key(*text, file.string());
    if (!key) return refuse(key.error());
    made->text += *text + '\0';
    // The key that signs may stand among the others, too.
    if (!made->has(key->id)) made->keys.push_back(std::move(*key));
  }
  if (!can_sign(made->keys.front()))
    return refuse(from.signing.string() + " holds no private key: no token can be signed with it");
  return made;
}

}  // namespace

/// The keys, and tokens seen before: verifying one costs as much as several requests.
class token_keys::impl {
 public:
  impl(key_files files, ring_ptr ring) : files_{std::move(files)}, ring_{std::move(ring)} {}

  [[nodiscard]] ring_ptr ring() const {
    std::lock_guard lock{mutex_};
    return ring_;
  }

  [[nodiscard]] tl::expected<verified_token, std::string> verify(std::string_view token, real_time now) {
    if (token.empty() || token.size() > token_chars) return refuse("not a token");
    std::string text{token};
    ring_ptr ring;
    {
      std::lock_guard lock{mutex_};
      if (auto seen = seen_.find(text); seen != seen_.end()) {
        if (seen->second.expires_at > now) return seen->second;
        seen_.erase(seen);
        return refuse("the token has expired");
      }
      ring = ring_;
    }
    auto verified =
        verify_signature(*ring, token).and_then([&](const std::string& claims) { return read_claims(claims, now); });
    if (verified) {
      std::lock_guard lock{mutex_};
      if (seen_.size() >= cached_tokens) seen_.clear();
      // Not of keys that have been replaced meanwhile.
      if (ring == ring_) seen_.emplace(std::move(text), *verified);
    }
    return verified;
  }

  tl::expected<bool, std::string> reload() {
    auto read = read_ring(files_);
    if (!read) return refuse(read.error());
    std::lock_guard lock{mutex_};
    if ((*read)->text == ring_->text) return false;
    ring_ = std::move(*read);
    seen_.clear();
    return true;
  }

 private:
  key_files files_;
  mutable std::mutex mutex_;
  ring_ptr ring_;
  std::unordered_map<std::string, verified_token> seen_;
};

token_keys::token_keys(std::unique_ptr<impl> made) : impl_{std::move(made)} {}
token_keys::token_keys(token_keys&&) noexcept = default;
token_keys& token_keys::operator=(token_keys&&) noexcept = default;
token_keys::~token_keys() = default;

tl::expected<token_keys, std::string> token_keys::load(const key_files& files) {
  return read_ring(files).map([&](ring_ptr ring) {
    return token_keys{std::make_unique<impl>(files, std::move(ring))};
  });
}

tl::expected<token_keys, std::string> token_keys::load(const std::filesystem::path& signing) {
  return load(key_files{signing, {}});
}

tl::expected<token_keys, std::string> token_keys::create(const std::filesystem::path& file) {
  auto text = make_token_key();
  if (!text) return refuse(text.error());
  if (!write_secret_file(file, *text)) return refuse("can't write " + file.string());
  return load(file);
}

tl::expected<std::string, std::string> token_keys::sign(const principal& who, real_time now,
                                                        std::chrono::seconds lifetime) const {
  if (lifetime <= 0s || lifetime > limits::token_lifetime) return refuse("a token lives at most 15 minutes");
  auto issued = unix_seconds(now);
  nlohmann::json claims{{"iss", issuer},          {"aud", issuer}, {"sub", to_string(who.id)},
                        {"role", name(who.role)}, {"iat", issued}, {"exp", issued + lifetime.count()}};
  return sign_claims(impl_->ring()->keys.front(), claims.dump());
}

tl::expected<verified_token, std::string> token_keys::verify(std::string_view token, real_time now) const {
  return impl_->verify(token, now);
}

std::string token_keys::key_set() const {
  std::string keys;
  for (const auto& each : impl_->ring()->keys) keys += (keys.empty() ? "" : ",") + each.public_jwk;
  return "{\"keys\":[" + keys + "]}";
}

std::string token_keys::signing_key_id() const { return impl_->ring()->keys.front().id; }

tl::expected<bool, std::string> token_keys::reload() { return impl_->reload(); }

}  // namespace dabba
