/// How an account's row is read, wherever a statement returns it.
#pragma once

#include "persistence/account_store.hpp"
#include "persistence/postgres/connection.hpp"

namespace dabba::postgres {

/// A macro, so that statements stay constants. Of the alias `a`.
#define DABBA_ACCOUNT_COLUMNS                                                                          \
  "a.account_id, a.version, a.role, a.status, a.email, a.password_hash, a.name, a.phone, a.language, " \
  "a.status_reason, a.created_at, a.approval"

/// Nothing when the row holds a value that this program does not know.
inline std::optional<credentials> credentials_at(const rows& r, std::size_t row) {
  auto role = parse_enum<user_role>(r.get<std::string>(row, 2));
  auto status = parse_enum<account_status>(r.get<std::string>(row, 3));
  auto approval = parse_enum<account_approval>(r.get<std::string>(row, 11));
  if (!role || !status || !approval) return std::nullopt;
  credentials out;
  out.who.id = {r.get<uuid>(row, 0)};
  out.who.version = static_cast<std::uint64_t>(r.get<std::int64_t>(row, 1));
  out.who.role = *role;
  out.who.status = *status;
  out.who.email = r.get<std::string>(row, 4);
  out.password_hash = r.get<std::string>(row, 5);
  out.who.name = r.get<std::string>(row, 6);
  out.who.phone = r.get<std::string>(row, 7);
  out.who.language = r.get<std::string>(row, 8);
  out.who.status_reason = r.get<std::string>(row, 9);
  out.who.created_at = r.get<instant>(row, 10);
  out.who.approval = *approval;
  return out;
}

}  // namespace dabba::postgres
