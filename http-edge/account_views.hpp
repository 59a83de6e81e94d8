/// What the API shows of accounts.
#pragma once

#include <span>
#include <string>

#include "http-edge/json_writer.hpp"
#include "persistence/account_store.hpp"

namespace dabba::http {

/// Staff are told why an account is deactivated.
void put_account(json_object& out, const account& x, bool to_staff);
std::string account_json(const account& x, bool to_staff);

void put_address(json_object& out, const saved_address& x);
std::string address_json(const saved_address& x);
std::string addresses_json(std::span<const saved_address> all);

void put_session(json_object& out, const session_facts& x);

}  // namespace dabba::http
