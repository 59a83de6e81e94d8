/// A delivery partner: state, commands and events.
#pragma once

#include <variant>

#include "protocols/model/offer.hpp"
#include "protocols/model/order.hpp"

namespace dabba {

enum class shift_status : std::uint8_t { offline, online };
template <>
inline constexpr auto enum_names<shift_status> = std::to_array<std::string_view>({"OFFLINE", "ONLINE"});

/// A position as the partner's app reported it.
struct location {
  geo_point at;
  instant measured_at;
  std::optional<double> accuracy_m;
  std::optional<double> heading_deg;
  std::optional<double> speed_mps;
};

/// An order the partner carries or is to carry.
struct active_delivery {
  order_id order;
  offer_id offer;
  job_id job;
  std::uint8_t slot = 0;
  std::uint8_t sequence = 0;
  restaurant_id restaurant;
  std::string restaurant_name;
  geo_point pickup;
  geo_point dropoff;
  std::string address_line;
  instant ready_by;

  friend bool operator==(const active_delivery&, const active_delivery&) = default;
};

struct partner {
  partner_id id;
  std::uint64_t version = 0;
  shift_status shift = shift_status::offline;
  std::optional<instant> shift_ends_at;
  std::vector<active_delivery> active;
  std::vector<command_id> recent;  ///< the latest commands that took effect: a repeat changes nothing

  friend bool operator==(const partner&, const partner&) = default;
};

// Commands.

struct go_online {
  std::optional<geo_point> at;
  std::optional<instant> shift_ends_at;
};
struct go_offline {};
struct accept_offer {
  offer_id offer;
};
struct decline_offer {
  offer_id offer;
  std::string reason;
};

using partner_command = std::variant<go_online, go_offline, accept_offer, decline_offer>;

// Events.

struct partner_went_online {
  static constexpr std::string_view type = "partner.went_online";
  std::optional<geo_point> at;
  std::optional<instant> shift_ends_at;
};
struct partner_went_offline {
  static constexpr std::string_view type = "partner.went_offline";
};
struct partner_delivery_assigned {
  static constexpr std::string_view type = "partner.delivery_assigned";
  active_delivery delivery;
};
/// The delivery is over for this partner: delivered, failed, released or cancelled.
struct partner_delivery_ended {
  static constexpr std::string_view type = "partner.delivery_ended";
  order_id order;
  std::string outcome;
};

using partner_event =
    std::variant<partner_went_online, partner_went_offline, partner_delivery_assigned, partner_delivery_ended>;

template <class Inspector>
bool inspect(Inspector& f, location& x) {
  return f.object(x).fields(
      f.field("at", x.at), f.field("measuredAt", x.measured_at), f.field("accuracy", x.accuracy_m),
      f.field("heading", x.heading_deg), f.field("speed", x.speed_mps));
}
template <class Inspector>
bool inspect(Inspector& f, active_delivery& x) {
  return f.object(x).fields(
      f.field("orderId", x.order), f.field("offerId", x.offer), f.field("jobId", x.job), f.field("slot", x.slot),
      f.field("sequence", x.sequence), f.field("restaurantId", x.restaurant),
      f.field("restaurantName", x.restaurant_name), f.field("pickup", x.pickup), f.field("dropoff", x.dropoff),
      f.field("addressLine", x.address_line), f.field("readyBy", x.ready_by));
}
template <class Inspector>
bool inspect(Inspector& f, partner& x) {
  return f.object(x).fields(
      f.field("partnerId", x.id), f.field("version", x.version), f.field("shift", x.shift),
      f.field("shiftEndsAt", x.shift_ends_at), f.field("active", x.active), f.field("recent", x.recent));
}
template <class Inspector>
bool inspect(Inspector& f, go_online& x) {
  return f.object(x).fields(f.field("at", x.at), f.field("shiftEndsAt", x.shift_ends_at));
}
template <class Inspector>
bool inspect(Inspector& f, go_offline& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, accept_offer& x) {
  return f.object(x).fields(f.field("offer", x.offer));
}
template <class Inspector>
bool inspect(Inspector& f, decline_offer& x) {
  return f.object(x).fields(f.field("offer", x.offer), f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, partner_went_online& x) {
  return f.object(x).fields(f.field("at", x.at), f.field("shiftEndsAt", x.shift_ends_at));
}
template <class Inspector>
bool inspect(Inspector& f, partner_went_offline& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, partner_delivery_assigned& x) {
  return f.object(x).fields(f.field("delivery", x.delivery));
}
template <class Inspector>
bool inspect(Inspector& f, partner_delivery_ended& x) {
  return f.object(x).fields(f.field("orderId", x.order), f.field("outcome", x.outcome));
}

}  // namespace dabba
