#include "http-edge/views.hpp"

#include <cmath>

#include "http-edge/pricing.hpp"

namespace dabba::http {
namespace {

std::int64_t whole(metres x) { return std::llround(x.value); }

void put_place(json_object& out, const order& x, audience to) {
  out.object("address", [&](json_object& where) {
    if (to != audience::everybody) where.put("line", x.dropoff.line);
    put_point(where, x.dropoff.at);
  });
  out.object("pickup", [&](json_object& where) { put_point(where, x.pickup); });
}

void put_money(json_object& out, const order& x, audience to) {
  out.array("items", x.lines, [&](json_object& line, const order_line& y) {
    line.put("itemId", y.item).put("name", y.name).put("quantity", y.quantity);
    line.put("unitPrice", y.unit_price).put("price", y.price());
    if (!y.choices.empty())
      line.array("choices", y.choices, [](json_object& each, const chosen_option& z) {
        each.put("optionId", z.option).put("group", z.group).put("name", z.name).put("price", z.price);
      });
    if (to != audience::everybody) put_text(line, "specialInstructions", y.special_instructions);
  });
  out.put("currency", x.money);
  put_price(out, {x.subtotal, x.delivery_fee, x.tip, x.total, x.price}, to);
  out.put("paymentMethod", x.payment);
}

void put_progress(json_object& out, const order& x) {
  out.put("placedAt", x.placed_at).put("acceptBy", x.accept_by);
  if (x.preparation_minutes > 0) out.put("preparationMinutes", x.preparation_minutes);
  out.put("readyBy", x.ready_by).put("readyAt", x.ready_at);
  put_text(out, "stage", x.stage);
  out.put("estimatedDeliveryAt", x.estimated_delivery_at);
  if (x.carried_by) out.put("partnerId", x.carried_by->partner);
  out.put("assignedAt", x.assigned_at).put("pickedUpAt", x.picked_up_at);
  if (x.status == order_status::delivered) out.put("deliveredAt", x.ended_at);
}

}  // namespace

void put_point(json_object& out, geo_point x) { out.put("latitude", x.lat_deg).put("longitude", x.lon_deg); }

void put_text(json_object& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.put(key, text);
}

void put_terms(json_object& out, const order& x, audience to) {
  if (to != audience::everybody) out.put("customerId", x.customer);
  out.put("restaurantId", x.restaurant).put("restaurantName", x.restaurant_name);
  put_money(out, x, to);
  put_place(out, x, to);
  if (to != audience::everybody) put_text(out, "note", x.note);
  if (to == audience::customer) out.put("deliveryPin", x.pin);
}

void put_order(json_object& out, const order& x, audience to) {
  out.put("orderId", x.id).put("version", x.version).put("status", x.status).put("deliveryStatus", x.delivery);
  put_terms(out, x, to);
  put_progress(out, x);
  if (x.ended)
    out.object("ending", [&](json_object& how) {
      how.put("by", x.ended->by).put("liable", x.ended->liable);
      if (to != audience::everybody) how.put("reason", x.ended->reason);
    });
}

std::string order_json(const order& x, audience to) {
  return json_text_of([&](json_object& out) { put_order(out, x, to); });
}

std::string order_status_json(const order& x) {
  return json_text_of([&](json_object& out) {
    out.put("orderId", x.id).put("status", x.status).put("deliveryStatus", x.delivery).put("version", x.version);
    out.put("estimatedDeliveryAt", x.estimated_delivery_at);
  });
}

namespace {

void put_named_pickup(json_object& out, const std::string& name, geo_point at) {
  out.object("pickup", [&](json_object& where) {
    where.put("name", name);
    put_point(where, at);
  });
}

}  // namespace

std::string partner_json(const partner& x) {
  std::string carried;
  for (const auto& each : x.active) {
    if (!carried.empty()) carried += ',';
    append_json(carried, each.order);
  }
  return json_text_of([&](json_object& out) {
    out.put("partnerId", x.id).put("version", x.version).put("status", x.shift);
    out.put("shiftEndsAt", x.shift_ends_at).put_raw("activeDeliveries", '[' + carried + ']');
  });
}

void put_offer(json_object& out, const offer& x) {
  const auto& job = x.offered;
  out.put("offerId", x.id).put("jobId", job.id).put("restaurantId", job.restaurant);
  put_named_pickup(out, job.restaurant_name, job.pickup);
  out.array("orders", job.stops, [](json_object& stop, const job_stop& y) {
    stop.put("orderId", y.order).object("dropoff", [&](json_object& where) { put_point(where, y.dropoff); });
  });
  out.put("readyBy", job.ready_by).put("departAt", job.depart_at).put("pay", job.pay).put("currency", job.pay_currency);
  out.put("expiresAt", x.expires_at).put("next", job.follows_current);
}

void put_delivery(json_object& out, const order& x) {
  out.put("deliveryId", x.id).put("orderId", x.id);
  if (x.carried_by) out.put("jobId", x.carried_by->job);
  out.put("status", x.delivery).put("orderStatus", x.status).put("restaurantId", x.restaurant);
  put_named_pickup(out, x.restaurant_name, x.pickup);
  out.object("dropoff", [&](json_object& where) {
    where.put("line", x.dropoff.line);
    put_point(where, x.dropoff.at);
  });
  out.put("readyBy", x.ready_by);
  if (x.carried_by) out.put("sequence", x.carried_by->sequence);
}

std::string delivery_json(const order& x) {
  return json_text_of([&](json_object& out) { put_delivery(out, x); });
}

std::string located_json(const located_partner& x) {
  return json_text_of([&](json_object& out) {
    out.put("partnerId", x.partner);
    put_point(out, x.where.at);
    auto age = std::max(duration{0}, x.now - x.where.measured_at);
    out.put("at", x.where.measured_at).put("ageSeconds", static_cast<double>(age.count() / 1000) / 1000);
    out.put("heading", x.where.heading_deg).put("speed", x.where.speed_mps);
  });
}

std::string search_json(const search_record& x) {
  return json_text_of([&](json_object& out) {
    out.put("orderId", x.order).put("zone", x.zone).put("state", x.state).put("startedAt", x.started_at);
    out.array("waves", x.waves, [](json_object& wave, const search_wave& y) {
      wave.put("number", y.number).put("at", y.at).put("radiusMetres", whole(y.radius_m)).put("offerId", y.offer);
      wave.array("asked", y.asked, [](json_object& each, const asked_partner& z) {
        each.put("partnerId", z.partner).put("distanceMetres", whole(z.distance_m)).put("outcome", z.outcome);
        each.put("at", z.at);
      });
      wave.array("passedOver", y.passed, [](json_object& each, const passed_over& z) {
        each.put("partnerId", z.partner).put("distanceMetres", whole(z.distance_m)).put("reason", z.reason);
      });
    });
    out.put("partnerId", x.partner);
  });
}

std::string zones_json(const zone_list& x) {
  return json_text_of([&](json_object& out) {
    out.array("items", x.zones, [](json_object& each, const zone_info& y) {
      each.put("zone", y.zone).put("partnersOnline", y.partners_online).put("openOrders", y.open_orders);
    });
  });
}

order placed_order(order_id id, const order_placed& x, instant at) {
  order made;
  made.id = id;
  made.version = 1;
  made.status = x.pay_by ? order_status::payment_pending : order_status::pending_restaurant_acceptance;
  made.customer = x.customer;
  made.restaurant = x.restaurant;
  made.restaurant_name = x.restaurant_name;
  made.pickup = x.pickup;
  made.dropoff = x.dropoff;
  made.lines = x.lines;
  made.note = x.note;
  made.payment = x.payment;
  made.money = x.money;
  made.subtotal = x.subtotal;
  made.delivery_fee = x.delivery_fee;
  made.tip = x.tip;
  made.total = x.total;
  made.price = x.price;
  made.pin = x.pin;
  made.zone = x.zone;
  made.kitchen = x.kitchen;
  made.placed_at = at;
  made.accept_by = x.accept_by;
  made.estimated_delivery_at = x.estimated_delivery_at;
  return made;
}

}  // namespace dabba::http
