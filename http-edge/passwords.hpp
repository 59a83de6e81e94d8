/// Passwords: argon2id (RFC 9106) by libsodium, on a few threads of its own, since a hash is made to take long.
#pragma once

#include <optional>
#include <string>

#include "http-edge/password_cost.hpp"
#include "http-edge/work_pool.hpp"
#include "persistence/store.hpp"

namespace dabba {

namespace http {

class password_hasher {
 public:
  password_hasher(unsigned threads, password_cost cost);

  /// `overloaded` when too many wait.
  asio::awaitable<result_of<std::string>> hash(std::string password);

  struct verdict {
    bool fits = false;
    bool is_outdated = false;  ///< of another cost than today's
  };
  /// Without a stored hash it takes as long, and fits nothing: the time does not tell whether there is an account.
  asio::awaitable<result_of<verdict>> verify(std::string password, std::optional<std::string> stored);

  void stop() { pool_.stop(); }

 private:
  password_cost cost_;
  std::string nobodys_;  ///< hash of a random password
  work_pool pool_;
};

}  // namespace http

/// On this thread. Throws std::runtime_error when there is no memory for it.
std::string hash_password(const std::string& password, password_cost cost);

}  // namespace dabba
