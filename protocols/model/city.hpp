/// The live map of a zone: what is shown of restaurants, partners and orders, and the counters beside it.
#pragma once

#include "protocols/model/order.hpp"
#include "protocols/model/restaurant.hpp"

namespace dabba {

/// A restaurant that is shown on the live map.
struct restaurant_seen {
  restaurant_id id;
  std::string name;
  geo_point at;
  restaurant_status status = restaurant_status::offline;
};

enum class partner_activity : std::uint8_t { idle, to_restaurant, at_restaurant, to_customer, offline };
template <>
inline constexpr auto enum_names<partner_activity> =
    std::to_array<std::string_view>({"IDLE", "TO_RESTAURANT", "AT_RESTAURANT", "TO_CUSTOMER", "OFFLINE"});

struct partner_on_map {
  partner_id id;
  geo_point at;
};

/// Partners who moved since the last such message, from the matchmaker to the zone's board.
struct partners_moved {
  std::vector<partner_on_map> moved;
  std::vector<partner_id> left;
};

struct city_partner {
  partner_id id;
  geo_point at;
  partner_activity activity = partner_activity::idle;
};
struct city_order {
  order_id id;
  order_status status = order_status::payment_pending;
  delivery_status delivery = delivery_status::not_started;
  restaurant_id restaurant;
  std::optional<partner_id> partner;
  geo_point dropoff;
  instant placed_at;
  std::optional<instant> ended_at;
};
struct city_counters {
  std::uint64_t open = 0;
  std::uint64_t searching = 0;
  std::uint64_t preparing = 0;
  std::uint64_t out_for_delivery = 0;
  std::uint64_t delivered = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t rejected = 0;
  std::uint64_t undeliverable = 0;
  std::uint64_t partners_online = 0;
  std::uint64_t partners_busy = 0;
  double click_to_door_mean_s = 0;
  double click_to_door_p90_s = 0;
};

/// The live map of a zone, whole or what changed.
struct city_update {
  zone_id zone;
  bool snapshot = false;
  instant at;
  std::vector<restaurant_seen> restaurants;
  std::vector<city_partner> partners;
  std::vector<city_order> orders;
  city_counters counters;
};

struct zone_info {
  zone_id zone;
  std::uint64_t partners_online = 0;
  std::uint64_t open_orders = 0;
};

}  // namespace dabba
