/// Accounts: people who sign in, where they have things brought, and how far they may be trusted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocols/model/geo.hpp"
#include "protocols/model/ids.hpp"
#include "protocols/model/order.hpp"

namespace dabba {

enum class user_role : std::uint8_t { customer, restaurant, partner, support, admin };
template <>
inline constexpr auto enum_names<user_role> =
    std::to_array<std::string_view>({"CUSTOMER", "RESTAURANT", "PARTNER", "SUPPORT", "ADMIN"});

/// Those whom strangers may not make themselves: they see what is not theirs.
constexpr bool is_staff(user_role role) noexcept { return role == user_role::support || role == user_role::admin; }

enum class account_status : std::uint8_t { active, deactivated };
template <>
inline constexpr auto enum_names<account_status> = std::to_array<std::string_view>({"ACTIVE", "DEACTIVATED"});

/// Whether somebody has looked at who it is. Matters for partners only, who learn where customers live.
enum class account_approval : std::uint8_t { approved, pending, rejected };
template <>
inline constexpr auto enum_names<account_approval> =
    std::to_array<std::string_view>({"APPROVED", "PENDING", "REJECTED"});

struct account {
  user_id id;
  std::uint64_t version = 1;
  user_role role = user_role::customer;
  std::string email;  ///< as `normalised_email` gives it; no two accounts have the same
  std::string name;
  std::string phone;     ///< empty: not given
  std::string language;  ///< BCP 47; empty: not given
  account_status status = account_status::active;
  account_approval approval = account_approval::approved;
  std::string status_reason;  ///< why it is deactivated or was rejected, as an administrator wrote it
  instant created_at;

  friend bool operator==(const account&, const account&) = default;
};

using address_id = id<struct address_tag>;
using session_id = id<struct session_tag>;

/// One of an account's addresses.
struct saved_address {
  address_id id;
  std::string label;  ///< "Home"
  address where;
  std::string instructions;  ///< for whoever brings something

  friend bool operator==(const saved_address&, const saved_address&) = default;
};

/// Without white space around it and in lower case, or nothing when it can't be an address. Modestly: one @ with
/// something before it and a name with a dot behind it, visible ASCII only (a domain of other letters is written as its
/// DNS name, xn--...). Whether it is the user's, only a mail could tell.
std::optional<std::string> normalised_email(std::string_view text);

}  // namespace dabba
