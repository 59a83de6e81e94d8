#include "bench/city/order_fold.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace dabba::city {

namespace {

enum status : unsigned {
  payment_pending,
  pending_acceptance,
  accepted,
  in_preparation,
  ready,
  out_for_delivery,
  delivered,
  payment_failed,
  rejected,
  cancelled,
  undeliverable,
  same_status
};
constexpr std::array<std::string_view, same_status> status_names{
    "PAYMENT_PENDING",  "PENDING_RESTAURANT_ACCEPTANCE",
    "ACCEPTED",         "IN_PREPARATION",
    "READY_FOR_PICKUP", "OUT_FOR_DELIVERY",
    "DELIVERED",        "PAYMENT_FAILED",
    "REJECTED",         "CANCELLED",
    "UNDELIVERABLE"};

enum delivery : unsigned {
  not_started,
  searching,
  assigned,
  at_restaurant,
  picked_up,
  at_customer,
  handed_over,
  failed,
  same_delivery
};
constexpr std::array<std::string_view, same_delivery> delivery_names{
    "NOT_STARTED", "SEARCHING", "ASSIGNED", "AT_RESTAURANT", "PICKED_UP", "AT_CUSTOMER", "DELIVERED", "FAILED"};

/// Sets of states.
using mask = unsigned;
template <class... T>
constexpr mask in(T... states) {
  return ((1U << states) | ...);
}
constexpr mask anywhere = ~0U;
constexpr mask open_states = in(payment_pending, pending_acceptance, accepted, in_preparation, ready, out_for_delivery);
constexpr mask ended_states = in(delivered, payment_failed, rejected, cancelled, undeliverable);
constexpr mask in_kitchen = in(accepted, in_preparation, ready);

enum class partner_rule { none, takes, must_be_the_same, gives_back };

struct rule {
  std::string_view event;
  mask from;
  mask delivery_from;
  status to;
  delivery delivery_to;
  partner_rule partner = partner_rule::none;
};

constexpr std::array rules{
    rule{"order.paid", in(payment_pending), in(not_started), pending_acceptance, same_delivery},
    rule{"order.payment_failed", in(payment_pending), in(not_started), payment_failed, same_delivery},
    rule{"order.modified", in(pending_acceptance), in(not_started), same_status, same_delivery},
    rule{"order.accepted", in(pending_acceptance), in(not_started), accepted, same_delivery},
    rule{"order.rejected", in(pending_acceptance), in(not_started), rejected, same_delivery},
    rule{"order.search_started", in_kitchen, in(not_started, searching), same_status, searching},
    rule{"order.preparation_started", in(accepted), anywhere, in_preparation, same_delivery},
    rule{"order.stage_changed", in(in_preparation), anywhere, same_status, same_delivery},
    rule{"order.ready", in(accepted, in_preparation), anywhere, ready, same_delivery},
    rule{"order.partner_assigned", in_kitchen, in(searching), same_status, assigned, partner_rule::takes},
    rule{"order.partner_at_restaurant", in_kitchen, in(assigned), same_status, at_restaurant,
         partner_rule::must_be_the_same},
    rule{"order.picked_up", in(ready), in(assigned, at_restaurant), out_for_delivery, picked_up,
         partner_rule::must_be_the_same},
    rule{"order.partner_at_customer", in(out_for_delivery), in(picked_up), same_status, at_customer,
         partner_rule::must_be_the_same},
    rule{"order.delivered", in(out_for_delivery), in(picked_up, at_customer), delivered, handed_over,
         partner_rule::must_be_the_same},
    rule{"order.partner_released", in_kitchen, in(assigned, at_restaurant), same_status, searching,
         partner_rule::gives_back},
    rule{"order.delivery_failed", in(out_for_delivery), in(picked_up, at_customer), undeliverable, failed},
    rule{"order.cancelled", open_states, anywhere, cancelled, failed},
    rule{"order.customer_forgotten", ended_states, anywhere, same_status, same_delivery},
};

}  // namespace

std::string_view order_fold::status() const { return placed_ ? status_names[status_] : std::string_view{}; }
std::string_view order_fold::delivery_status() const {
  return placed_ ? delivery_names[delivery_] : std::string_view{};
}
bool order_fold::ended() const { return placed_ && (in(status_)&open_states) == 0; }

std::optional<std::string> order_fold::place(const folded_event& event) {
  if (placed_) return "placed a second time";
  placed_ = true;
  const bool paid_at_the_door = event.payment_method.empty() || event.payment_method == "COD";
  status_ = paid_at_the_door ? pending_acceptance : payment_pending;
  return std::nullopt;
}

std::optional<std::string> order_fold::apply(const folded_event& event) {
  if (event.type == "order.placed") return place(event);
  const auto* r = std::find_if(rules.begin(), rules.end(), [&](const rule& x) { return x.event == event.type; });
  if (r == rules.end()) return fmt::format("'{}' is no event of an order", event.type);
  if (!placed_) return fmt::format("{} before it was placed", event.type);
  if ((in(status_)&r->from) == 0 || (in(delivery_)&r->delivery_from) == 0)
    return fmt::format("{} while {} and {}", event.type, status(), delivery_status());
  const bool names_the_carrier = r->partner == partner_rule::must_be_the_same || r->partner == partner_rule::gives_back;
  if (names_the_carrier && event.partner != partner_)
    return fmt::format("{} by partner {}, but {} carries it", event.type, event.partner, partner_);
  if (r->partner == partner_rule::takes && event.partner.empty()) return fmt::format("{} names no partner", event.type);

  if (r->to != same_status) status_ = r->to;
  // An order that ends before anybody was looked for has no delivery that could have failed.
  const bool never_began = r->to == cancelled && delivery_ == not_started;
  if (r->delivery_to != same_delivery && !never_began) delivery_ = r->delivery_to;
  if (r->partner == partner_rule::takes) partner_ = event.partner;
  if (r->partner == partner_rule::gives_back) partner_.clear();
  return std::nullopt;
}

}  // namespace dabba::city
