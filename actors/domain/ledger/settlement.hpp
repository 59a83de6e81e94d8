/// Who gets what of an order's money when it has ended. Pure and exact.
///
/// | ended as | the customer pays | the restaurant gets | the partner gets |
/// |---|---|---|---|
/// | delivered | the total | the food, less its own promotions and the commission | pay and tip |
/// | not accepted yet, whoever is liable | nothing | nothing | nothing |
/// | accepted, the customer is liable | the cancellation fee | the fee, less the commission | |
/// | being prepared or later, the customer is liable | the total without the tip | as delivered | the pay, if picked up
/// | | accepted or later, the restaurant is liable | nothing | nothing; it bears the partner's pay | the pay, if picked
/// up | | accepted or later, the partner is liable | nothing | as delivered | nothing | | accepted or later, anybody
/// else is liable | nothing | as delivered | the pay, if picked up |
///
/// The platform earns its fees and the commission, bears its own promotions, and whatever nobody else pays for: what a
/// customer of a cash order owes for it is not collected.
#pragma once

#include <vector>

#include "protocols/model/ledger.hpp"
#include "protocols/model/order.hpp"

namespace dabba {

struct settlement_terms {
  basis_points commission{20'00};        ///< of the food's price without tax, less the restaurant's own promotions
  basis_points cancellation_fee{50'00};  ///< of the total without the tip
};

struct settlement {
  std::vector<ledger_entry> entries;  ///< balanced
  minor_units refund;                 ///< still owed to the customer; `refunded` when they have got it
};

/// The card gateway has taken so much from the customer.
std::vector<ledger_entry> captured(user_id customer, minor_units amount);

/// `ended` is in a terminal status; `taken` is what was captured for it, nothing for a cash order. `delivery_pay` is
/// what its partner was promised.
settlement settle(const order& ended, minor_units taken, minor_units delivery_pay, const settlement_terms& terms);

/// The customer is to get so much back of an order that was settled, and somebody else bears it.
std::vector<ledger_entry> granted(const order& of, minor_units amount, party liable);

/// The card gateway has given so much back to the customer.
std::vector<ledger_entry> refunded(user_id customer, minor_units amount);

}  // namespace dabba
