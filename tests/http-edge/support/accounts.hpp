/// Accounts in memory, with the rules persistence/account_store.hpp documents.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "persistence/account_store.hpp"
#include "persistence/order_archive.hpp"

namespace dabba::test {

struct world;

struct kept_session {
  user_id of;
  std::string hash;
  std::string previous;
  std::string seed;
};

/// What the accounts' tables hold. Guarded by the world's mutex.
struct account_rows {
  std::map<user_id, credentials> accounts;
  std::map<user_id, std::vector<saved_address>> addresses;
  std::map<session_id, kept_session> sessions;
  std::map<std::string, int> failed_logins;
  std::set<order_id> forgotten_orders;
  std::map<user_id, user_id> answered_to;
  int hashes_renewed = 0;
  /// Called before the store does that, without the lock.
  std::function<void()> before_create;
  std::function<void()> before_change;
  std::function<void()> before_renewal;
  std::function<void()> before_login;
  std::function<void()> before_count;
};

std::unique_ptr<identity_store> make_identity(std::shared_ptr<world> w);
std::unique_ptr<order_archive> make_archive(std::shared_ptr<world> w);

}  // namespace dabba::test
