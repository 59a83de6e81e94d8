/// What can happen to an order: the events of its journal. Each names its type and payload version; a reader accepts
/// every version ever written (tests/protocols/golden).
#pragma once

#include <variant>

#include "protocols/model/order.hpp"

namespace dabba {

/// The whole order as the customer placed it.
struct order_placed {
  static constexpr std::string_view type = "order.placed";
  static constexpr std::int32_t version = 2;  ///< 1: without choices, the kitchen's terms and `price`
  user_id customer;
  restaurant_id restaurant;
  std::string restaurant_name;
  geo_point pickup;
  address dropoff;
  std::vector<order_line> lines;
  std::string note;
  payment_method payment = payment_method::cash_on_delivery;
  currency money = currency::INR;
  minor_units subtotal;
  minor_units delivery_fee;
  minor_units tip;
  minor_units total;
  price_details price;
  std::string pin;
  zone_id zone;
  std::optional<instant> pay_by;
  instant accept_by;
  std::optional<instant> estimated_delivery_at;
  kitchen_terms kitchen{};
};

struct order_paid {
  static constexpr std::string_view type = "order.paid";
  instant accept_by;
};

struct order_payment_failed {
  static constexpr std::string_view type = "order.payment_failed";
  std::string reason;
};

struct order_modified {
  static constexpr std::string_view type = "order.modified";
  static constexpr std::int32_t version = 2;  ///< 1: without choices and `price`
  std::vector<order_line> lines;
  address dropoff;
  std::string note;
  minor_units subtotal;
  minor_units total;
  price_details price;
};

struct order_accepted {
  static constexpr std::string_view type = "order.accepted";
  std::int32_t preparation_minutes = 0;
  instant ready_by;
  instant estimated_delivery_at;
};

struct order_rejected {
  static constexpr std::string_view type = "order.rejected";
  ending how;
};

/// A search for a partner began, the first one or after a partner gave the order back.
struct order_search_started {
  static constexpr std::string_view type = "order.search_started";
  instant search_until;
};

struct order_preparation_started {
  static constexpr std::string_view type = "order.preparation_started";
  std::string stage;
};

struct order_stage_changed {
  static constexpr std::string_view type = "order.stage_changed";
  std::string stage;
};

struct order_ready {
  static constexpr std::string_view type = "order.ready";
};

struct order_partner_assigned {
  static constexpr std::string_view type = "order.partner_assigned";
  carrier by;
};

struct order_partner_at_restaurant {
  static constexpr std::string_view type = "order.partner_at_restaurant";
  partner_id partner;
};

struct order_picked_up {
  static constexpr std::string_view type = "order.picked_up";
  partner_id partner;
  instant estimated_delivery_at;
};

struct order_partner_at_customer {
  static constexpr std::string_view type = "order.partner_at_customer";
  partner_id partner;
};

struct order_delivered {
  static constexpr std::string_view type = "order.delivered";
  partner_id partner;
};

/// The partner gave the order back, or fell silent, before pickup.
struct order_partner_released {
  static constexpr std::string_view type = "order.partner_released";
  partner_id partner;
  std::string reason;
};

struct order_delivery_failed {
  static constexpr std::string_view type = "order.delivery_failed";
  ending how;
};

struct order_cancelled {
  static constexpr std::string_view type = "order.cancelled";
  ending how;
};

/// Its customer's account is gone, and with it what the customer wrote and where it was brought. The payloads of the
/// events before are rewritten without it, too (see order_privacy.hpp).
struct order_customer_forgotten {
  static constexpr std::string_view type = "order.customer_forgotten";
};

using order_event =
    std::variant<order_placed, order_paid, order_payment_failed, order_modified, order_accepted, order_rejected,
                 order_search_started, order_preparation_started, order_stage_changed, order_ready,
                 order_partner_assigned, order_partner_at_restaurant, order_picked_up, order_partner_at_customer,
                 order_delivered, order_partner_released, order_delivery_failed, order_cancelled,
                 order_customer_forgotten>;

template <class Inspector>
bool inspect(Inspector& f, order_placed& x) {
  return f.object(x).fields(
      f.field("customerId", x.customer), f.field("restaurantId", x.restaurant),
      f.field("restaurantName", x.restaurant_name), f.field("pickup", x.pickup), f.field("dropoff", x.dropoff),
      f.field("lines", x.lines), f.field("note", x.note), f.field("paymentMethod", x.payment),
      f.field("currency", x.money), f.field("subtotal", x.subtotal), f.field("deliveryFee", x.delivery_fee),
      f.field("tip", x.tip), f.field("total", x.total), f.field("price", x.price).fallback(price_details{}),
      f.field("pin", x.pin), f.field("zone", x.zone), f.field("payBy", x.pay_by), f.field("acceptBy", x.accept_by),
      f.field("estimatedDeliveryAt", x.estimated_delivery_at), f.field("kitchen", x.kitchen).fallback(kitchen_terms{}));
}
template <class Inspector>
bool inspect(Inspector& f, order_paid& x) {
  return f.object(x).fields(f.field("acceptBy", x.accept_by));
}
template <class Inspector>
bool inspect(Inspector& f, order_payment_failed& x) {
  return f.object(x).fields(f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, order_modified& x) {
  return f.object(x).fields(
      f.field("lines", x.lines), f.field("dropoff", x.dropoff), f.field("note", x.note),
      f.field("subtotal", x.subtotal), f.field("total", x.total), f.field("price", x.price).fallback(price_details{}));
}
template <class Inspector>
bool inspect(Inspector& f, order_accepted& x) {
  return f.object(x).fields(f.field("preparationMinutes", x.preparation_minutes), f.field("readyBy", x.ready_by),
                            f.field("estimatedDeliveryAt", x.estimated_delivery_at));
}
template <class Inspector>
bool inspect(Inspector& f, order_rejected& x) {
  return f.object(x).fields(f.field("how", x.how));
}
template <class Inspector>
bool inspect(Inspector& f, order_search_started& x) {
  return f.object(x).fields(f.field("searchUntil", x.search_until));
}
template <class Inspector>
bool inspect(Inspector& f, order_preparation_started& x) {
  return f.object(x).fields(f.field("stage", x.stage));
}
template <class Inspector>
bool inspect(Inspector& f, order_stage_changed& x) {
  return f.object(x).fields(f.field("stage", x.stage));
}
template <class Inspector>
bool inspect(Inspector& f, order_ready& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, order_partner_assigned& x) {
  return f.object(x).fields(f.field("by", x.by));
}
template <class Inspector>
bool inspect(Inspector& f, order_partner_at_restaurant& x) {
  return f.object(x).fields(f.field("partnerId", x.partner));
}
template <class Inspector>
bool inspect(Inspector& f, order_picked_up& x) {
  return f.object(x).fields(f.field("partnerId", x.partner), f.field("estimatedDeliveryAt", x.estimated_delivery_at));
}
template <class Inspector>
bool inspect(Inspector& f, order_partner_at_customer& x) {
  return f.object(x).fields(f.field("partnerId", x.partner));
}
template <class Inspector>
bool inspect(Inspector& f, order_delivered& x) {
  return f.object(x).fields(f.field("partnerId", x.partner));
}
template <class Inspector>
bool inspect(Inspector& f, order_partner_released& x) {
  return f.object(x).fields(f.field("partnerId", x.partner), f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, order_delivery_failed& x) {
  return f.object(x).fields(f.field("how", x.how));
}
template <class Inspector>
bool inspect(Inspector& f, order_customer_forgotten& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, order_cancelled& x) {
  return f.object(x).fields(f.field("how", x.how));
}

}  // namespace dabba
