/// What can be asked of an order. Who may ask it is checked where it arrives (http-edge) and again where it matters
/// (a delivery step counts only from the assigned partner).
#pragma once

#include <variant>

#include "protocols/model/order.hpp"

namespace dabba {

struct place_order {
  user_id customer;
  restaurant_id restaurant;
  std::string restaurant_name;
  geo_point pickup;
  address dropoff;
  std::vector<order_line> lines;
  std::string note;
  payment_method payment = payment_method::cash_on_delivery;
  currency money = currency::INR;
  minor_units delivery_fee;
  minor_units tip;
  price_details price{};  ///< empty: neither taxed nor discounted, and without further fees
  std::string pin;
  zone_id zone;
  kitchen_terms kitchen{};
};

struct payment_succeeded {};
struct payment_failed {
  std::string reason;
};
struct accept_order {
  std::int32_t preparation_minutes = 0;
};
struct reject_order {
  std::string reason;
};
struct modify_order {
  std::vector<order_line> lines;
  address dropoff;
  std::string note;
  price_details price{};  ///< as of place_order
};
struct start_preparing {
  std::string stage;
};
struct change_stage {
  std::string stage;
};
struct mark_ready {};
/// From the partner actor, which has reserved the slot.
struct assign_partner {
  carrier by;
};
/// At the restaurant before pickup, at the customer's door after it.
struct partner_arrived {
  partner_id partner;
};
struct pick_up {
  partner_id partner;
};
struct deliver {
  partner_id partner;
  std::string pin;
};
struct fail_delivery {
  partner_id partner;
  std::string reason;
};
/// The partner gives the order back before pickup (or fell silent).
struct release_order {
  partner_id partner;
  std::string reason;
};
struct cancel_order {
  ending how;
};
/// Of an order that has ended, when its customer's account goes (see order_privacy.hpp).
struct forget_order_customer {};

/// The kitchen that accepts by itself is one of them: due at once, it happens once, whatever node dies.
enum class order_deadline : std::uint8_t { payment, acceptance, search, self_acceptance };
template <>
inline constexpr auto enum_names<order_deadline> =
    std::to_array<std::string_view>({"payment", "acceptance", "search", "self_acceptance"});

/// The clock's command: `due` is the deadline the timer was set for; when it is no longer the order's, nothing happens.
struct deadline_passed {
  order_deadline which = order_deadline::acceptance;
  instant due;
};

using order_command =
    std::variant<place_order, payment_succeeded, payment_failed, accept_order, reject_order, modify_order,
                 start_preparing, change_stage, mark_ready, assign_partner, partner_arrived, pick_up, deliver,
                 fail_delivery, release_order, cancel_order, deadline_passed, forget_order_customer>;

template <class Inspector>
bool inspect(Inspector& f, place_order& x) {
  return f.object(x).fields(
      f.field("customer", x.customer), f.field("restaurant", x.restaurant),
      f.field("restaurantName", x.restaurant_name), f.field("pickup", x.pickup), f.field("dropoff", x.dropoff),
      f.field("lines", x.lines), f.field("note", x.note), f.field("payment", x.payment), f.field("money", x.money),
      f.field("deliveryFee", x.delivery_fee), f.field("tip", x.tip), f.field("price", x.price), f.field("pin", x.pin),
      f.field("zone", x.zone), f.field("kitchen", x.kitchen));
}
template <class Inspector>
bool inspect(Inspector& f, payment_succeeded& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, payment_failed& x) {
  return f.object(x).fields(f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, accept_order& x) {
  return f.object(x).fields(f.field("preparationMinutes", x.preparation_minutes));
}
template <class Inspector>
bool inspect(Inspector& f, reject_order& x) {
  return f.object(x).fields(f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, modify_order& x) {
  return f.object(x).fields(
      f.field("lines", x.lines), f.field("dropoff", x.dropoff), f.field("note", x.note), f.field("price", x.price));
}
template <class Inspector>
bool inspect(Inspector& f, start_preparing& x) {
  return f.object(x).fields(f.field("stage", x.stage));
}
template <class Inspector>
bool inspect(Inspector& f, change_stage& x) {
  return f.object(x).fields(f.field("stage", x.stage));
}
template <class Inspector>
bool inspect(Inspector& f, mark_ready& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, assign_partner& x) {
  return f.object(x).fields(f.field("by", x.by));
}
template <class Inspector>
bool inspect(Inspector& f, partner_arrived& x) {
  return f.object(x).fields(f.field("partner", x.partner));
}
template <class Inspector>
bool inspect(Inspector& f, pick_up& x) {
  return f.object(x).fields(f.field("partner", x.partner));
}
template <class Inspector>
bool inspect(Inspector& f, deliver& x) {
  return f.object(x).fields(f.field("partner", x.partner), f.field("pin", x.pin));
}
template <class Inspector>
bool inspect(Inspector& f, fail_delivery& x) {
  return f.object(x).fields(f.field("partner", x.partner), f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, release_order& x) {
  return f.object(x).fields(f.field("partner", x.partner), f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, cancel_order& x) {
  return f.object(x).fields(f.field("how", x.how));
}
template <class Inspector>
bool inspect(Inspector& f, forget_order_customer& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, deadline_passed& x) {
  return f.object(x).fields(f.field("which", x.which), f.field("due", x.due));
}

}  // namespace dabba
