/// The store ports of accounts, in the model's own terms. All calls block: they are made on threads of a pool. One
/// object is used by one thread. Beside the errors named, every call may answer `unavailable` (certainly nothing was
/// written), and one that writes `outcome_unknown` (the database was lost while it committed).
#pragma once

#include "persistence/store.hpp"
#include "protocols/model/account.hpp"

namespace dabba {

struct new_account {
  account who;
  std::string password_hash;
  std::optional<idempotent_answer> answer;
};

/// An account and what its password is compared with.
struct credentials {
  account who;
  std::string password_hash;
};

/// What is set is changed.
struct account_change {
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<std::string> phone;
  std::optional<std::string> language;
  std::optional<std::string> password_hash;

  /// Whoever signed in with what was, has to sign in again.
  [[nodiscard]] bool ends_sessions() const noexcept { return email || password_hash; }
};

struct account_filter {
  std::optional<user_role> role;
  std::optional<account_status> status;
  std::optional<std::string> email;  ///< normalised
};
/// The next page begins after this account, newest first.
struct account_cursor {
  instant created_at;
  user_id account;
};

class account_store {
 public:
  virtual ~account_store() = default;

  /// `email_taken`, or `idempotency_key_exists`; then nothing was written.
  virtual result_of<void> create_account(const new_account& made) = 0;
  /// Nothing for one that was deleted, or never was.
  virtual result_of<std::optional<credentials>> account_by_id(user_id who) = 0;
  virtual result_of<std::optional<credentials>> account_by_email(const std::string& email) = 0;
  /// The account as it is then. `not_found`, `email_taken`, or `stale_version` when `expected` is another version.
  virtual result_of<account> change_account(user_id who, const account_change& change,
                                            std::optional<std::uint64_t> expected) = 0;
  /// The same password, hashed as it is done today: no new version. Nothing happens when it is another one by now.
  virtual result_of<void> renew_hash(user_id who, const std::string& before, const std::string& after) = 0;
  /// A deactivated account's sessions end. `not_found`.
  virtual result_of<account> set_status(user_id who, account_status status, const std::string& reason) = 0;
  virtual result_of<std::vector<account>> accounts(const account_filter& filter, std::optional<account_cursor> after,
                                                   std::size_t limit) = 0;
  /// Takes everything out that is a person's: fields, addresses, sessions, stored answers. `not_found`; `open_orders`
  /// when an order of theirs has not ended, or still says what they wrote.
  virtual result_of<void> erase_account(user_id who, instant now) = 0;
  /// What all nodes know and nobody else: 64 hexadecimal digits, always the same.
  virtual result_of<std::string> shared_secret() = 0;
};

struct address_change {
  std::optional<std::string> label;
  std::optional<address> where;
  std::optional<std::string> instructions;
};

class address_book {
 public:
  virtual ~address_book() = default;

  /// `not_found` when there is no such account, `too_many_addresses`, `idempotency_key_exists`. `now` dates the answer.
  virtual result_of<void> add_address(user_id of, const saved_address& made,
                                      const std::optional<idempotent_answer>& answer, instant now) = 0;
  virtual result_of<std::vector<saved_address>> addresses(user_id of) = 0;
  /// `not_found`, also for another account's.
  virtual result_of<saved_address> change_address(user_id of, address_id which, const address_change& change) = 0;
  /// False when there was none.
  virtual result_of<bool> remove_address(user_id of, address_id which) = 0;
};

/// Of refresh tokens the store sees hashes only.
struct new_session {
  session_id id;
  std::string token_hash;
};

struct rotation {
  session_id session;
  std::string presented_hash;
  std::string next_hash;  ///< of the token that takes its place
  std::string seed;       ///< from which that one was made out of the presented one
};

/// What became of a refresh token that was presented.
struct rotated {
  enum class outcome : std::uint8_t {
    unknown,   ///< there is no such session, or it has ended
    renewed,   ///< the next token is the session's now
    repeated,  ///< it was the token before, just now: `seed` gives the one that took its place
    reused,    ///< an older one: somebody else has had it. The session has ended
  };
  outcome what = outcome::unknown;
  std::optional<account> who;  ///< unless unknown
  std::string seed;            ///< when renewed or repeated
};

struct session_facts {
  session_id id;
  instant created_at;
  instant renewed_at;
};

class session_store {
 public:
  virtual ~session_store() = default;

  /// For an account that is active and still has the password hash that was compared: else `not_found`.
  virtual result_of<void> open_session(user_id of, const std::string& password_hash, const new_session& made) = 0;
  virtual result_of<rotated> rotate_session(const rotation& what) = 0;
  /// The session of that refresh token, the present or the one before, ends if there is one.
  virtual result_of<void> close_session(session_id which, const std::string& presented_hash) = 0;
  virtual result_of<std::vector<session_facts>> sessions(user_id of) = 0;
};

/// Who tries to sign in, as keyed hashes.
struct login_subjects {
  std::string account;
  std::string network;
};

/// Counts attempts to sign in over all nodes. Each counts as failed until it is forgiven, so that many at once can't
/// pass by the count.
class login_guard {
 public:
  virtual ~login_guard() = default;

  /// Nothing: the attempt may be made. Otherwise how long to wait for the next.
  virtual result_of<std::optional<std::chrono::seconds>> admit_login(const login_subjects& who) = 0;
  virtual result_of<void> forgive_login(const login_subjects& who) = 0;
};

/// All of it, on one connection.
class identity_store : public account_store, public address_book, public session_store, public login_guard {
 public:
  /// The calls that follow were asked for then: patience with a store that is away counts from there.
  virtual void asked_at(std::chrono::steady_clock::time_point) {}
};

}  // namespace dabba
