/// How the messages travel between nodes: the fields of each, in order.
#pragma once

#include "protocols/messages.hpp"

namespace dabba {

template <class Inspector>
bool inspect(Inspector& f, idempotency_claim& x) {
  return f.object(x).fields(f.field("caller", x.caller), f.field("key", x.key), f.field("requestHash", x.request_hash));
}
template <class Inspector>
bool inspect(Inspector& f, command_meta& x) {
  return f.object(x).fields(f.field("command", x.command), f.field("expectedVersion", x.expected_version),
                            f.field("idempotency", x.idempotency));
}
template <class Inspector>
bool inspect(Inspector& f, order_request& x) {
  return f.object(x).fields(f.field("meta", x.meta), f.field("to", x.to), f.field("command", x.command));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_request& x) {
  return f.object(x).fields(f.field("meta", x.meta), f.field("to", x.to), f.field("command", x.command));
}
template <class Inspector>
bool inspect(Inspector& f, partner_request& x) {
  return f.object(x).fields(f.field("meta", x.meta), f.field("to", x.to), f.field("command", x.command));
}
template <class Inspector>
bool inspect(Inspector& f, read_state& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, show_restaurant& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, read_location& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, read_offers& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, read_search& x) {
  return f.object(x).fields(f.field("order", x.order));
}
template <class Inspector>
bool inspect(Inspector& f, price_lines::wanted& x) {
  return f.object(x).fields(f.field("item", x.item), f.field("quantity", x.quantity),
                            f.field("specialInstructions", x.special_instructions), f.field("choices", x.choices));
}
template <class Inspector>
bool inspect(Inspector& f, price_lines::circumstances& x) {
  return f.object(x).fields(
      f.field("dropoff", x.dropoff), f.field("tip", x.tip), f.field("isFirstOrder", x.is_first_order),
      f.field("deals", x.deals), f.field("coupon", x.coupon));
}
template <class Inspector>
bool inspect(Inspector& f, price_lines& x) {
  return f.object(x).fields(f.field("lines", x.lines), f.field("given", x.given));
}
template <class Inspector>
bool inspect(Inspector& f, read_menu& x) {
  return f.object(x).fields(f.field("known", x.known));
}
template <class Inspector>
bool inspect(Inspector& f, done& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, quote& x) {
  return f.object(x).fields(f.field("restaurantName", x.restaurant_name), f.field("pickup", x.pickup),
                            f.field("zone", x.zone), f.field("lines", x.lines), f.field("money", x.money),
                            f.field("kitchen", x.kitchen), f.field("price", x.price), f.field("coupon", x.coupon));
}
template <class Inspector>
bool inspect(Inspector& f, not_sold& x) {
  return f.object(x).fields(f.field("why", x.why), f.field("opensAt", x.opens_at), f.field("line", x.line));
}
template <class Inspector>
bool inspect(Inspector& f, current_menu& x) {
  return f.object(x).fields(
      f.field("of", x.of), f.field("stamp", x.stamp), f.field("now", x.now), f.field("content", x.content));
}
template <class Inspector>
bool inspect(Inspector& f, changed_menu& x) {
  return f.object(x).fields(f.field("version", x.version), f.field("items", x.items),
                            f.field("categories", x.categories), f.field("groups", x.groups));
}
template <class Inspector>
bool inspect(Inspector& f, subscribed& x) {
  return f.object(x).fields(f.field("seq", x.seq));
}
template <class Inspector>
bool inspect(Inspector& f, located_partner& x) {
  return f.object(x).fields(f.field("partner", x.partner), f.field("where", x.where), f.field("now", x.now));
}
template <class Inspector>
bool inspect(Inspector& f, open_offers& x) {
  return f.object(x).fields(f.field("offers", x.offers));
}
template <class Inspector>
bool inspect(Inspector& f, awarded_job& x) {
  return f.object(x).fields(f.field("offer", x.offer), f.field("deliveries", x.deliveries));
}
template <class Inspector>
bool inspect(Inspector& f, end_search& x) {
  return f.object(x).fields(f.field("order", x.order), f.field("takenBy", x.taken_by));
}
template <class Inspector>
bool inspect(Inspector& f, partner_left& x) {
  return f.object(x).fields(f.field("partner", x.partner));
}
template <class Inspector>
bool inspect(Inspector& f, make_offer& x) {
  return f.object(x).fields(f.field("what", x.what));
}
template <class Inspector>
bool inspect(Inspector& f, withdraw_offer& x) {
  return f.object(x).fields(f.field("what", x.what), f.field("why", x.why));
}
template <class Inspector>
bool inspect(Inspector& f, offer_answered& x) {
  return f.object(x).fields(f.field("what", x.what), f.field("partner", x.partner), f.field("outcome", x.outcome));
}
template <class Inspector>
bool inspect(Inspector& f, published& x) {
  return f.object(x).fields(f.field("entity", x.entity), f.field("seq", x.seq), f.field("position", x.position),
                            f.field("at", x.at), f.field("event", x.event));
}
template <class Inspector>
bool inspect(Inspector& f, order_changed& x) {
  return f.object(x).fields(f.field("now", x.now), f.field("events", x.events));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_seen& x) {
  return f.object(x).fields(
      f.field("id", x.id), f.field("name", x.name), f.field("at", x.at), f.field("status", x.status));
}
template <class Inspector>
bool inspect(Inspector& f, carrier_moved& x) {
  return f.object(x).fields(f.field("order", x.order), f.field("partner", x.partner), f.field("where", x.where));
}
template <class Inspector>
bool inspect(Inspector& f, partner_on_map& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("at", x.at));
}
template <class Inspector>
bool inspect(Inspector& f, partners_moved& x) {
  return f.object(x).fields(f.field("moved", x.moved), f.field("left", x.left));
}
template <class Inspector>
bool inspect(Inspector& f, city_partner& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("at", x.at), f.field("activity", x.activity));
}
template <class Inspector>
bool inspect(Inspector& f, city_order& x) {
  return f.object(x).fields(
      f.field("id", x.id), f.field("status", x.status), f.field("delivery", x.delivery),
      f.field("restaurant", x.restaurant), f.field("partner", x.partner), f.field("dropoff", x.dropoff),
      f.field("placedAt", x.placed_at), f.field("endedAt", x.ended_at));
}
template <class Inspector>
bool inspect(Inspector& f, city_counters& x) {
  return f.object(x).fields(
      f.field("open", x.open), f.field("searching", x.searching), f.field("preparing", x.preparing),
      f.field("outForDelivery", x.out_for_delivery), f.field("delivered", x.delivered),
      f.field("cancelled", x.cancelled), f.field("rejected", x.rejected), f.field("undeliverable", x.undeliverable),
      f.field("partnersOnline", x.partners_online), f.field("partnersBusy", x.partners_busy),
      f.field("clickToDoorMeanS", x.click_to_door_mean_s), f.field("clickToDoorP90S", x.click_to_door_p90_s));
}
template <class Inspector>
bool inspect(Inspector& f, city_update& x) {
  return f.object(x).fields(f.field("zone", x.zone), f.field("snapshot", x.snapshot), f.field("at", x.at),
                            f.field("restaurants", x.restaurants), f.field("partners", x.partners),
                            f.field("orders", x.orders), f.field("counters", x.counters));
}
template <class Inspector>
bool inspect(Inspector& f, zone_info& x) {
  return f.object(x).fields(
      f.field("zone", x.zone), f.field("partnersOnline", x.partners_online), f.field("openOrders", x.open_orders));
}
template <class Inspector>
bool inspect(Inspector& f, list_zones& x) {
  return f.object(x).fields(f.field("ofThisNode", x.of_this_node));
}
template <class Inspector>
bool inspect(Inspector& f, zone_list& x) {
  return f.object(x).fields(f.field("zones", x.zones));
}
template <class Inspector>
bool inspect(Inspector& f, set_timer& x) {
  return f.object(x).fields(f.field("entity", x.entity), f.field("due", x.due));
}
template <class Inspector>
bool inspect(Inspector& f, timer_due& x) {
  return f.object(x).fields(f.field("due", x.due));
}
template <class Inspector>
bool inspect(Inspector& f, tick& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, stop& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, may_forget& x) {
  return f.object(x).fields(f.field("entity", x.entity));
}

}  // namespace dabba
