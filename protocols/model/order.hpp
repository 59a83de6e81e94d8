/// An order as its actor holds it: the fold of its events.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocols/model/geo.hpp"
#include "protocols/model/ids.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/kitchen.hpp"
#include "protocols/model/money.hpp"
#include "protocols/model/price.hpp"
#include "protocols/model/sparse_list.hpp"

namespace dabba {

enum class order_status : std::uint8_t {
  payment_pending,
  pending_restaurant_acceptance,
  accepted,
  in_preparation,
  ready_for_pickup,
  out_for_delivery,
  delivered,
  payment_failed,
  rejected,
  cancelled,
  undeliverable,
};
template <>
inline constexpr auto enum_names<order_status> = std::to_array<std::string_view>(
    {"PAYMENT_PENDING", "PENDING_RESTAURANT_ACCEPTANCE", "ACCEPTED", "IN_PREPARATION", "READY_FOR_PICKUP",
     "OUT_FOR_DELIVERY", "DELIVERED", "PAYMENT_FAILED", "REJECTED", "CANCELLED", "UNDELIVERABLE"});

/// True for the states an order never leaves.
constexpr bool is_terminal(order_status s) noexcept { return s >= order_status::delivered; }

enum class delivery_status : std::uint8_t {
  not_started,
  searching,
  assigned,
  at_restaurant,
  picked_up,
  at_customer,
  delivered,
  failed,
};
template <>
inline constexpr auto enum_names<delivery_status> = std::to_array<std::string_view>(
    {"NOT_STARTED", "SEARCHING", "ASSIGNED", "AT_RESTAURANT", "PICKED_UP", "AT_CUSTOMER", "DELIVERED", "FAILED"});

enum class payment_method : std::uint8_t { cash_on_delivery, card, upi };
template <>
inline constexpr auto enum_names<payment_method> = std::to_array<std::string_view>({"COD", "CARD", "UPI"});

/// Who did something, or who pays for it.
enum class party : std::uint8_t { customer, restaurant, partner, support, platform };
template <>
inline constexpr auto enum_names<party> =
    std::to_array<std::string_view>({"CUSTOMER", "RESTAURANT", "PARTNER", "SUPPORT", "PLATFORM"});

/// An option of a modifier group, as it was when the item was ordered.
struct chosen_option {
  option_id option;
  std::string group;  ///< its name
  std::string name;
  minor_units price;
  friend bool operator==(const chosen_option&, const chosen_option&) = default;
};

struct order_line {
  item_id item;
  std::string name;
  std::int32_t quantity = 1;
  minor_units unit_price;  ///< with its choices
  std::string special_instructions;
  sparse_list<chosen_option> choices{};

  friend bool operator==(const order_line&, const order_line&) = default;
  [[nodiscard]] minor_units price() const noexcept { return unit_price * quantity; }
};

struct address {
  std::string line;
  geo_point at;
  friend bool operator==(const address&, const address&) = default;
};

/// The partner an order is assigned to, and the order's place in the partner's job.
struct carrier {
  partner_id partner;
  offer_id offer;
  job_id job;
  std::uint8_t slot = 0;      ///< which of the partner's bounded places it takes
  std::uint8_t sequence = 0;  ///< its drop-off's place within the job
  friend bool operator==(const carrier&, const carrier&) = default;
};

/// How an order ended before it was delivered.
struct ending {
  party by = party::platform;
  std::string reason;
  party liable = party::platform;
  friend bool operator==(const ending&, const ending&) = default;
};

struct order {
  order_id id;
  std::uint64_t version = 0;  ///< number of events so far; 0: not placed
  order_status status = order_status::payment_pending;
  delivery_status delivery = delivery_status::not_started;

  user_id customer;
  restaurant_id restaurant;
  std::string restaurant_name;
  geo_point pickup;
  address dropoff;
  std::vector<order_line> lines;
  std::string note;
  payment_method payment = payment_method::cash_on_delivery;
  currency money = currency::INR;
  kitchen_terms kitchen;
  minor_units subtotal;
  minor_units delivery_fee;
  minor_units tip;
  minor_units total;
  price_details price;
  std::string pin;  ///< what the customer tells the partner at the door
  zone_id zone;     ///< of the restaurant

  instant placed_at;
  std::optional<instant> pay_by;
  instant accept_by;
  std::int32_t preparation_minutes = 0;
  std::string stage;  ///< of the kitchen
  std::optional<instant> accepted_at;
  std::optional<instant> ready_by;
  std::optional<instant> ready_at;
  std::optional<instant> search_until;
  std::optional<instant> estimated_delivery_at;
  std::optional<instant> assigned_at;
  std::optional<instant> picked_up_at;
  std::optional<instant> ended_at;

  std::optional<carrier> carried_by;
  std::vector<partner_id> gave_back;  ///< partners who released it or fell silent
  std::optional<ending> ended;

  std::vector<command_id> recent;  ///< the latest commands that took effect: a repeat changes nothing

  friend bool operator==(const order&, const order&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, chosen_option& x) {
  return f.object(x).fields(
      f.field("optionId", x.option), f.field("group", x.group), f.field("name", x.name), f.field("price", x.price));
}

template <class Inspector>
bool inspect(Inspector& f, order_line& x) {
  return f.object(x).fields(f.field("itemId", x.item), f.field("name", x.name), f.field("quantity", x.quantity),
                            f.field("unitPrice", x.unit_price), f.field("specialInstructions", x.special_instructions),
                            f.field("choices", x.choices).fallback(sparse_list<chosen_option>{}));
}

template <class Inspector>
bool inspect(Inspector& f, address& x) {
  return f.object(x).fields(f.field("line", x.line), f.field("at", x.at));
}

template <class Inspector>
bool inspect(Inspector& f, carrier& x) {
  return f.object(x).fields(f.field("partnerId", x.partner), f.field("offerId", x.offer), f.field("jobId", x.job),
                            f.field("slot", x.slot), f.field("sequence", x.sequence));
}

template <class Inspector>
bool inspect(Inspector& f, ending& x) {
  return f.object(x).fields(f.field("by", x.by), f.field("reason", x.reason), f.field("liable", x.liable));
}

template <class Inspector>
bool inspect(Inspector& f, order& x) {
  return f.object(x).fields(
      f.field("orderId", x.id), f.field("version", x.version), f.field("status", x.status),
      f.field("deliveryStatus", x.delivery), f.field("customerId", x.customer), f.field("restaurantId", x.restaurant),
      f.field("restaurantName", x.restaurant_name), f.field("pickup", x.pickup), f.field("dropoff", x.dropoff),
      f.field("lines", x.lines), f.field("note", x.note), f.field("paymentMethod", x.payment),
      f.field("currency", x.money), f.field("subtotal", x.subtotal), f.field("deliveryFee", x.delivery_fee),
      f.field("tip", x.tip), f.field("total", x.total), f.field("price", x.price).fallback(price_details{}),
      f.field("pin", x.pin), f.field("zone", x.zone), f.field("kitchen", x.kitchen).fallback(kitchen_terms{}),
      f.field("placedAt", x.placed_at), f.field("payBy", x.pay_by), f.field("acceptBy", x.accept_by),
      f.field("preparationMinutes", x.preparation_minutes), f.field("stage", x.stage),
      f.field("acceptedAt", x.accepted_at), f.field("readyBy", x.ready_by), f.field("readyAt", x.ready_at),
      f.field("searchUntil", x.search_until), f.field("estimatedDeliveryAt", x.estimated_delivery_at),
      f.field("assignedAt", x.assigned_at), f.field("pickedUpAt", x.picked_up_at), f.field("endedAt", x.ended_at),
      f.field("carriedBy", x.carried_by), f.field("gaveBack", x.gave_back), f.field("ended", x.ended),
      f.field("recent", x.recent));
}

}  // namespace dabba
