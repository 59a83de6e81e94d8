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
  /// What the present password was compared with; must still be stored when e-mail address or password change.
  std::string compared_hash;

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
  /// The account as it is then. `not_found`, `email_taken`, `stale_version` when `expected` is another version, or
  /// `wrong_password` when the password is not the one that was compared any more.
  virtual result_of<account> change_account(user_id who, const account_change& change,
                                            std::optional<std::uint64_t> expected) = 0;
  /// The same password, hashed as it is done today: no new version. False, and nothing happens, when the hash is
  /// another one by now.
  virtual result_of<bool> renew_hash(user_id who, const std::string& before, const std::string& after) = 0;
  /// A deactivated account's sessions end. `not_found`; `illegal_transition` for the last administrator who is active.
  virtual result_of<account> set_status(user_id who, account_status status, const std::string& reason) = 0;
  /// Of a partner; `not_found` for everybody else.
  virtual result_of<account> set_approval(user_id who, account_approval approval, const std::string& reason) = 0;
  virtual result_of<std::vector<account>> accounts(const account_filter& filter, std::optional<account_cursor> after,
                                                   std::size_t limit) = 0;
  /// Takes everything out that is a person's: fields, addresses, sessions, stored answers, also the one to the request
  /// that made the account. `not_found`; `open_orders` when an order of theirs has not ended, or still says what they
  /// wrote; `owns_restaurant` when a restaurant of theirs may open; `illegal_transition` for the last administrator who
  /// is active.
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
  /// The session ends if there is one. Only who has had a token of it knows its id.
  virtual result_of<void> close_session(session_id which) = 0;
  virtual result_of<std::vector<session_facts>> sessions(user_id of) = 0;
};

/// Who tries to sign in, as keyed hashes. Failures are counted for each of the three.
struct login_subjects {
  std::string pair;  ///< the account from that network
  std::string account;
  std::string network;
};

/// Counts failed attempts to sign in over all nodes. What is under way when a limit is reached ends, and counts, too:
/// the wait for the next is so much longer.
class login_guard {
 public:
  virtual ~login_guard() = default;

  /// Nothing: an attempt may be made. Otherwise how long to wait for the next.
  virtual result_of<std::optional<std::chrono::seconds>> login_wait(const login_subjects& who) = 0;
  virtual result_of<void> count_failed_login(const login_subjects& who) = 0;
  /// The right password was given: what failed from there before counts no more, for the pair.
  virtual result_of<void> forgive_logins(const login_subjects& who) = 0;
};

/// All of it, on one connection.
class identity_store : public account_store, public address_book, public session_store, public login_guard {
 public:
  /// The calls that follow were asked for then: patience with a store that is away counts from there.
  virtual void asked_at(std::chrono::steady_clock::time_point) {}
};

}  // namespace dabba
