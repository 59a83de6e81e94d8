/// What an order keeps when its customer's account is deleted: everything but what the customer wrote, and where the
/// customer lives. The customer's id stays, and names nobody any more.
#pragma once

#include <cmath>

#include "protocols/model/order_events.hpp"
#include "protocols/model/partner.hpp"

namespace dabba {

/// To a hundredth of a degree, about a kilometre: enough to tell a part of a town, too little to tell a house.
inline geo_point coarse(geo_point x) noexcept {
  auto round = [](double degrees) { return std::round(degrees * 100) / 100; };
  return quantised({round(x.lat_deg), round(x.lon_deg)});
}

inline void forget_customer(address& x) {
  x.line.clear();
  x.at = coarse(x.at);
}
inline void forget_customer(std::vector<order_line>& lines) {
  for (auto& line : lines) line.special_instructions.clear();
}
/// A reason is the customer's words when the customer gave it.
inline void forget_customer(ending& x) {
  if (x.by == party::customer) x.reason.clear();
}

inline void forget_customer(order& x) {
  forget_customer(x.dropoff);
  forget_customer(x.lines);
  x.note.clear();
  if (x.ended) forget_customer(*x.ended);
}

/// True when there was something to forget.
inline bool forget_customer(order_event& x) {
  auto forget = [](auto& event) {
    forget_customer(event.dropoff);
    forget_customer(event.lines);
    event.note.clear();
    return true;
  };
  if (auto* placed = std::get_if<order_placed>(&x)) return forget(*placed);
  if (auto* modified = std::get_if<order_modified>(&x)) return forget(*modified);
  if (auto* cancelled = std::get_if<order_cancelled>(&x)) {
    forget_customer(cancelled->how);
    return cancelled->how.by == party::customer;
  }
  return false;
}
/// The partners who had it in hand know the door, too.
inline bool forget_customer(partner_event& x) {
  auto* assigned = std::get_if<partner_delivery_assigned>(&x);
  if (!assigned) return false;
  assigned->delivery.address_line.clear();
  assigned->delivery.dropoff = coarse(assigned->delivery.dropoff);
  return true;
}

}  // namespace dabba
