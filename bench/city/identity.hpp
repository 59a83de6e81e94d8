/// Who the people of the city are to the platform: their UUIDs and the tokens they sign in with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dabba::city {

/// A UUID of version 7 (RFC 9562): the time, then random bits.
std::string new_uuid();

enum class role { customer, restaurant, partner, admin };

/// Names one account within a `token_book`.
struct account_id {
  std::size_t index = 0;
};

/// All accounts of the city and their tokens, minted by the platform's own program.
class token_book {
 public:
  token_book(std::filesystem::path program, std::filesystem::path signing_key)
      : program_(std::move(program)), signing_key_(std::move(signing_key)) {}

  account_id add(role r);
  [[nodiscard]] const std::string& uuid(account_id a) const { return accounts_[a.index].uuid; }
  /// Empty before the first `renew`.
  [[nodiscard]] const std::string& token(account_id a) const { return accounts_[a.index].token; }

  /// One token per account, in order of `add`. Takes a process and as long as it runs, touches nothing that others
  /// read: call it on a thread of its own. Throws std::runtime_error.
  [[nodiscard]] std::vector<std::string> mint() const;
  void renew(std::vector<std::string> tokens);

 private:
  struct account {
    role is = role::customer;
    std::string uuid;
    std::string token;
  };

  std::filesystem::path program_;
  std::filesystem::path signing_key_;
  std::vector<account> accounts_;
};

}  // namespace dabba::city
