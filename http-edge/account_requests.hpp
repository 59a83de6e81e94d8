/// The bodies of requests that concern accounts.
#pragma once

#include "http-edge/requests.hpp"
#include "persistence/account_store.hpp"

namespace dabba::http {

struct registration {
  user_role role = user_role::customer;
  std::string email;  ///< normalised
  std::string password;
  std::string name;
  std::string phone;
  std::string language;
  account_approval approval = account_approval::approved;  ///< filled in by the handler
};
read_result<registration> read_registration(const json_value& body);

struct sign_in {
  std::string email;  ///< normalised; empty when it can't be an address: nobody has it
  std::string password;
};
read_result<sign_in> read_sign_in(const json_value& body);

/// As it was sent; whether it is one of ours is another question.
read_result<std::string> read_refresh_token(const json_value& body);

struct profile_change {
  account_change fields;  ///< without hashes, which are the handler's business
  std::optional<std::string> password;
  std::string current_password;  ///< not empty when e-mail or password are to change
};
read_result<profile_change> read_profile_change(const json_value& body);

/// The address's id is filled in by the handler.
read_result<saved_address> read_saved_address(const json_value& body);
read_result<address_change> read_address_change(const json_value& body);

struct status_change {
  account_status status = account_status::active;
  std::string reason;
};
read_result<status_change> read_status_change(const json_value& body);

/// How an account is approved or rejected, and why.
struct approval_change {
  account_approval approval = account_approval::approved;
  std::string reason;
};
read_result<approval_change> read_approval_change(const json_value& body);

/// The member `currentPassword`, which is required.
read_result<std::string> read_current_password(const json_value& body);

/// Where an export goes on; empty at its beginning.
read_result<std::string> read_export_cursor(const json_value& body);

}  // namespace dabba::http
