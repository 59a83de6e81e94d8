#include "http-edge/passwords.hpp"

#include <sodium.h>
#include <array>
#include <stdexcept>

#include "http-edge/secrets.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

std::string hash_password(const std::string& password, password_cost cost) {
  ensure_sodium();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost.passes, cost.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::runtime_error{"no memory to hash a password"};
  return out.data();
}

namespace http {

password_hasher::password_hasher(unsigned threads, password_cost cost)
    : cost_{cost}, nobodys_{hash_password(random_bytes(32), cost)}, pool_{threads, limits::hashes_waiting} {}

asio::awaitable<result_of<std::string>> password_hasher::hash(std::string password) {
  result_of<std::string> lost = tl::unexpected{errc::unavailable};
  result_of<std::string> full = tl::unexpected{errc::overloaded};
  auto make = [password = std::move(password), cost = cost_]() -> result_of<std::string> {
    return hash_password(password, cost);
  };
  co_return co_await pool_.run(std::move(lost), std::move(full), std::move(make));
}

asio::awaitable<result_of<password_hasher::verdict>> password_hasher::verify(std::string password,
                                                                             std::optional<std::string> stored) {
  result_of<verdict> lost = tl::unexpected{errc::unavailable};
  result_of<verdict> full = tl::unexpected{errc::overloaded};
  auto compare = [this, password = std::move(password), stored = std::move(stored)]() -> result_of<verdict> {
    const auto& hash = stored ? *stored : nobodys_;
    verdict made;
    made.fits = crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0 && stored.has_value();
    made.is_outdated = made.fits && crypto_pwhash_str_needs_rehash(hash.c_str(), cost_.passes, cost_.memory_bytes) != 0;
    return made;
  };
  co_return co_await pool_.run(std::move(lost), std::move(full), std::move(compare));
}

}  // namespace http
}  // namespace dabba
