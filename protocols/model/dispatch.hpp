/// What a matchmaker is told: what is to be carried, and who could carry it.
#pragma once

#include "protocols/model/offer.hpp"

namespace dabba {

/// From an order that searches to its zone's matchmaker; repeated while it searches, so that a matchmaker that starts
/// anew learns of it.
struct find_partner {
  order_id order;
  restaurant_id restaurant;
  std::string restaurant_name;
  geo_point pickup;
  geo_point dropoff;
  std::string address_line;
  instant started_at;
  instant ready_by;
  instant search_until;
  minor_units pay;
  currency pay_currency = currency::INR;
  std::vector<partner_id> not_to;  ///< who gave it back before
};
/// A partner's availability, from its actor to the matchmakers of every zone it can serve.
struct partner_seen {
  partner_id partner;
  geo_point at;
  bool idle = true;  ///< carries nothing
  std::uint8_t free_slots = 0;
  std::uint8_t open_offers = 0;
  std::optional<instant> shift_ends_at;
  std::uint64_t incarnation = 0;  ///< of its actor: a new one holds none of the offers that the one before it held
};
template <class Inspector>
bool inspect(Inspector& f, find_partner& x) {
  return f.object(x).fields(
      f.field("order", x.order), f.field("restaurant", x.restaurant), f.field("restaurantName", x.restaurant_name),
      f.field("pickup", x.pickup), f.field("dropoff", x.dropoff), f.field("addressLine", x.address_line),
      f.field("startedAt", x.started_at), f.field("readyBy", x.ready_by), f.field("searchUntil", x.search_until),
      f.field("pay", x.pay), f.field("payCurrency", x.pay_currency), f.field("notTo", x.not_to));
}
template <class Inspector>
bool inspect(Inspector& f, partner_seen& x) {
  return f.object(x).fields(f.field("partner", x.partner), f.field("at", x.at), f.field("idle", x.idle),
                            f.field("freeSlots", x.free_slots), f.field("openOffers", x.open_offers),
                            f.field("shiftEndsAt", x.shift_ends_at), f.field("incarnation", x.incarnation));
}

}  // namespace dabba
