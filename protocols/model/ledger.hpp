/// The double-entry ledger: every movement of money is a set of entries that add up to nothing.
#pragma once

#include <span>
#include <vector>

#include "protocols/model/ids.hpp"
#include "protocols/model/money.hpp"

namespace dabba {

enum class ledger_account_kind : std::uint8_t {
  customer,    ///< what one has paid for and not been given yet
  restaurant,  ///< what is to be paid out to it
  partner,     ///< what is to be paid out to them
  cash,        ///< what a partner has taken at the door and has to hand in
  gateway,     ///< what the card gateway has taken for the platform
  platform,    ///< its earnings and expenses
  tax          ///< what is owed to the state
};
template <>
inline constexpr auto enum_names<ledger_account_kind> =
    std::to_array<std::string_view>({"CUSTOMER", "RESTAURANT", "PARTNER", "CASH", "GATEWAY", "PLATFORM", "TAX"});

struct ledger_account {
  ledger_account_kind kind = ledger_account_kind::platform;
  uuid owner;  ///< nil for the gateway, the platform and the tax: there is one of each
  friend auto operator<=>(const ledger_account&, const ledger_account&) = default;
};

enum class ledger_purpose : std::uint8_t {
  payment,     ///< what a customer pays
  food,        ///< at the menu's prices, without tax
  promotion,   ///< what is off, to whoever funds it
  commission,  ///< the platform's part of the food
  tax,         ///< on the food
  platform_fee,
  small_order_fee,
  delivery_fee,  ///< what the customer pays for the delivery
  delivery_pay,  ///< what the partner is paid for it
  tip,
  cancellation_fee,  ///< what a customer pays who cancels late
  shortfall,         ///< what was to be paid and was not, or nobody else is liable for
  refund             ///< what a customer gets back
};
template <>
inline constexpr auto enum_names<ledger_purpose> = std::to_array<std::string_view>(
    {"PAYMENT", "FOOD", "PROMOTION", "COMMISSION", "TAX", "PLATFORM_FEE", "SMALL_ORDER_FEE", "DELIVERY_FEE",
     "DELIVERY_PAY", "TIP", "CANCELLATION_FEE", "SHORTFALL", "REFUND"});

/// A debit is positive: it raises what the account's owner owes the platform. A credit is negative: it raises what the
/// platform owes, or has earned.
struct ledger_entry {
  ledger_account account;
  ledger_purpose purpose = ledger_purpose::payment;
  minor_units amount;
  friend bool operator==(const ledger_entry&, const ledger_entry&) = default;
};

inline ledger_account account_of(user_id x) { return {ledger_account_kind::customer, x.value}; }
inline ledger_account account_of(restaurant_id x) { return {ledger_account_kind::restaurant, x.value}; }
inline ledger_account account_of(partner_id x) { return {ledger_account_kind::partner, x.value}; }
inline ledger_account cash_of(partner_id x) { return {ledger_account_kind::cash, x.value}; }
inline constexpr ledger_account gateway_account{ledger_account_kind::gateway, {}};
inline constexpr ledger_account platform_account{ledger_account_kind::platform, {}};
inline constexpr ledger_account tax_account{ledger_account_kind::tax, {}};

inline minor_units balance_of(std::span<const ledger_entry> entries) noexcept {
  minor_units all;
  for (const auto& each : entries) all += each.amount;
  return all;
}
inline minor_units balance_of(std::span<const ledger_entry> entries, const ledger_account& account) noexcept {
  minor_units all;
  for (const auto& each : entries)
    if (each.account == account) all += each.amount;
  return all;
}

template <class Inspector>
bool inspect(Inspector& f, ledger_account& x) {
  return f.object(x).fields(f.field("kind", x.kind), f.field("owner", x.owner));
}
template <class Inspector>
bool inspect(Inspector& f, ledger_entry& x) {
  return f.object(x).fields(f.field("account", x.account), f.field("purpose", x.purpose), f.field("amount", x.amount));
}

}  // namespace dabba
