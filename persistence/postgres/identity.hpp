/// Accounts, addresses, sessions and attempts in PostgreSQL.
#pragma once

#include "persistence/account_store.hpp"
#include "persistence/postgres/transaction.hpp"

namespace dabba::postgres {

class identity final : public identity_store {
 public:
  identity(connect_options options, session::reporter report);

  void asked_at(std::chrono::steady_clock::time_point when) override { asked_at_ = when; }

  result_of<void> create_account(const new_account& made) override;
  result_of<std::optional<credentials>> account_by_id(user_id who) override;
  result_of<std::optional<credentials>> account_by_email(const std::string& email) override;
  result_of<account> change_account(user_id who, const account_change& change,
                                    std::optional<std::uint64_t> expected) override;
  result_of<bool> renew_hash(user_id who, const std::string& before, const std::string& after) override;
  result_of<account> set_status(user_id who, account_status status, const std::string& reason) override;
  result_of<account> set_approval(user_id who, account_approval approval, const std::string& reason) override;
  result_of<std::vector<account>> accounts(const account_filter& filter, std::optional<account_cursor> after,
                                           std::size_t limit) override;
  result_of<void> erase_account(user_id who, instant now) override;
  result_of<std::string> shared_secret() override;

  result_of<void> add_address(user_id of, const saved_address& made, const std::optional<idempotent_answer>& answer,
                              instant now) override;
  result_of<std::vector<saved_address>> addresses(user_id of) override;
  result_of<saved_address> change_address(user_id of, address_id which, const address_change& change) override;
  result_of<bool> remove_address(user_id of, address_id which) override;

  result_of<void> open_session(user_id of, const std::string& password_hash, const new_session& made) override;
  result_of<rotated> rotate_session(const rotation& what) override;
  result_of<void> close_session(session_id which) override;
  result_of<std::vector<session_facts>> sessions(user_id of) override;

  result_of<std::optional<std::chrono::seconds>> login_wait(const login_subjects& who) override;
  result_of<void> count_failed_login(const login_subjects& who) override;
  result_of<void> forgive_logins(const login_subjects& who) override;

 private:
  result_of<rows> read(const statement& what, std::vector<parameter> values);
  result_of<std::optional<credentials>> read_one(const statement& what, parameter key);
  template <class F>
  auto write(F work) {
    return in_transaction(session_, asked_at_, std::move(work));
  }

  session session_;
  deadline asked_at_ = std::chrono::steady_clock::now();
};

}  // namespace dabba::postgres
