/// The `data` of events, and the live city.
#include "http-edge/views.hpp"

namespace dabba::http {
namespace {

template <class T, class Variant>
constexpr bool is_alternative = false;
template <class T, class... Ts>
constexpr bool is_alternative<T, std::variant<Ts...>> = (std::is_same_v<T, Ts> || ...);

/// Writes the members of each event's `data`, as one audience sees them.
class data_writer {
 public:
  data_writer(json_object& out, audience to) : out_{out}, to_{to} {}

  void operator()(const order_placed& x) const {
    put_terms(out_, placed_order({}, x, {}), to_);
    out_.put("acceptBy", x.accept_by).put("estimatedDeliveryAt", x.estimated_delivery_at);
  }
  void operator()(const order_paid& x) const { out_.put("acceptBy", x.accept_by); }
  void operator()(const order_payment_failed& x) const { out_.put("reason", x.reason); }
  void operator()(const order_modified& x) const { out_.put("subtotal", x.subtotal).put("total", x.total); }
  void operator()(const order_accepted& x) const {
    out_.put("preparationMinutes", x.preparation_minutes).put("readyBy", x.ready_by);
    out_.put("estimatedDeliveryAt", x.estimated_delivery_at);
  }
  void operator()(const order_rejected& x) const { put_ending(x.how); }
  void operator()(const order_search_started& x) const { out_.put("searchUntil", x.search_until); }
  void operator()(const order_preparation_started& x) const { put_stage(x.stage); }
  void operator()(const order_stage_changed& x) const { put_stage(x.stage); }
  void operator()(const order_ready&) const {}
  void operator()(const order_partner_assigned& x) const {
    out_.put("partnerId", x.by.partner).put("jobId", x.by.job).put("offerId", x.by.offer);
    out_.put("sequence", x.by.sequence);
  }
  void operator()(const order_partner_at_restaurant& x) const { out_.put("partnerId", x.partner); }
  void operator()(const order_picked_up& x) const {
    out_.put("partnerId", x.partner).put("estimatedDeliveryAt", x.estimated_delivery_at);
  }
  void operator()(const order_partner_at_customer& x) const { out_.put("partnerId", x.partner); }
  void operator()(const order_delivered& x) const { out_.put("partnerId", x.partner); }
  void operator()(const order_partner_released& x) const {
    out_.put("partnerId", x.partner);
    put_reason(x.reason);
  }
  void operator()(const order_delivery_failed& x) const { put_ending(x.how); }
  void operator()(const order_cancelled& x) const { put_ending(x.how); }
  void operator()(const order_customer_forgotten&) const {}

  void operator()(const partner_went_online& x) const { out_.put("shiftEndsAt", x.shift_ends_at); }
  void operator()(const partner_went_offline&) const {}
  void operator()(const partner_delivery_assigned& x) const {
    out_.put("orderId", x.delivery.order).put("jobId", x.delivery.job).put("restaurantId", x.delivery.restaurant);
    out_.put("sequence", x.delivery.sequence);
  }
  void operator()(const partner_delivery_ended& x) const { out_.put("orderId", x.order).put("outcome", x.outcome); }

  /// No topic shows a restaurant's own events.
  template <class Event>
  requires(is_alternative<Event, restaurant_event>) void operator()(const Event&) const {}

 private:
  void put_stage(const std::string& stage) const {
    if (!stage.empty()) out_.put("stage", stage);
  }
  /// Reasons are free text: they may name people.
  void put_reason(const std::string& reason) const {
    if (to_ != audience::everybody) out_.put("reason", reason);
  }
  void put_ending(const ending& how) const {
    out_.put("by", how.by).put("liable", how.liable);
    put_reason(how.reason);
  }

  json_object& out_;
  audience to_;
};

}  // namespace

std::string event_data(const any_event& x, audience to, std::optional<order_id> of_order) {
  return json_text_of([&](json_object& out) {
    out.put("orderId", of_order);
    data_writer write{out, to};
    std::visit([&](const auto& family) { std::visit(write, family); }, x);
  });
}

void put_city(json_object& out, const city_update& x, double scale) {
  out.put("at", x.at).put("scale", scale);
  out.array("restaurants", x.restaurants, [](json_object& each, const restaurant_seen& y) {
    each.put("id", y.id).put("name", y.name).put("latitude", y.at.lat_deg).put("longitude", y.at.lon_deg);
    each.put("status", y.status);
  });
  out.array("partners", x.partners, [](json_object& each, const city_partner& y) {
    each.put("id", y.id).put("latitude", y.at.lat_deg).put("longitude", y.at.lon_deg).put("state", y.activity);
  });
  out.array("orders", x.orders, [](json_object& each, const city_order& y) {
    each.put("id", y.id).put("status", y.status).put("deliveryStatus", y.delivery).put("restaurantId", y.restaurant);
    each.put("partnerId", y.partner).object("dropoff", [&](json_object& where) {
      where.put("latitude", y.dropoff.lat_deg).put("longitude", y.dropoff.lon_deg);
    });
    each.put("placedAt", y.placed_at).put("endedAt", y.ended_at);
  });
  const auto& n = x.counters;
  out.object("counters", [&](json_object& each) {
    each.put("open", n.open).put("searching", n.searching).put("preparing", n.preparing);
    each.put("outForDelivery", n.out_for_delivery).put("delivered", n.delivered).put("cancelled", n.cancelled);
    each.put("rejected", n.rejected).put("undeliverable", n.undeliverable);
    each.put("partnersOnline", n.partners_online).put("partnersBusy", n.partners_busy);
    each.object("clickToDoorSeconds",
                [&](json_object& door) { door.put("mean", n.click_to_door_mean_s).put("p90", n.click_to_door_p90_s); });
  });
}

}  // namespace dabba::http
