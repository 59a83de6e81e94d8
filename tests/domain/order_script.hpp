/// Brings an order into any state it can be in, by the commands that lead there.
#pragma once

#include <stdexcept>

#include "actors/domain/order_machine.hpp"
#include "tests/protocols/samples.hpp"

namespace dabba::samples {

inline constexpr std::uint64_t the_carrier = 5;
inline constexpr std::uint64_t somebody_else = 6;

/// Decides and folds; what was decided is returned.
inline tl::expected<std::vector<order_event>, errc> carry_out(order& state, const order_command& command, instant now,
                                                              const order_terms& terms = {}) {
  auto events = decide(state, command, now, terms);
  if (events)
    for (const auto& event : *events) apply(state, event, now);
  return events;
}

inline place_order place_by_card() {
  auto out = place();
  out.payment = payment_method::card;
  return out;
}

/// The commands that lead to a reachable pair of states, from `noon` on.
inline std::vector<order_command> way_to(order_status status, delivery_status delivery) {
  using os = order_status;
  using ds = delivery_status;
  auto partner = nth<partner_id>(the_carrier);
  if (status == os::payment_pending) return {place_by_card()};
  if (status == os::payment_failed) return {place_by_card(), payment_failed{"declined"}};
  if (status == os::pending_restaurant_acceptance) return {place()};
  if (status == os::rejected) return {place(), reject_order{"out of batter"}};
  cancel_order by_support{{party::support, "duplicate", party::platform}};
  if (status == os::cancelled && delivery == ds::not_started) return {place(), by_support};
  std::vector<order_command> out{place(), accept_order{12}};
  if (status == os::cancelled) return out.push_back(by_support), out;
  bool is_prepared = status != os::accepted;
  if (is_prepared) out.push_back(start_preparing{"PREP"});
  bool is_ready = is_prepared && status != os::in_preparation;
  if (is_ready) out.push_back(mark_ready{});
  if (delivery == ds::searching) return out;
  out.push_back(assign_partner{carried_by(the_carrier)});
  if (delivery == ds::assigned) return out;
  out.push_back(partner_arrived{partner});
  if (delivery == ds::at_restaurant) return out;
  out.push_back(pick_up{partner});
  if (delivery == ds::picked_up) return out;
  if (status == os::undeliverable) return out.push_back(fail_delivery{partner, "nobody at home"}), out;
  out.push_back(partner_arrived{partner});
  if (delivery == ds::at_customer) return out;
  out.push_back(deliver{partner, "4711"});
  return out;
}

inline order order_in(order_status status, delivery_status delivery) {
  order out;
  out.id = nth<order_id>(1);
  auto now = noon;
  for (const auto& command : way_to(status, delivery)) {
    if (!carry_out(out, command, now)) throw std::logic_error{"the way to a state is refused"};
    now = now + std::chrono::minutes{1};
  }
  if (out.status != status || out.delivery != delivery) throw std::logic_error{"the way leads elsewhere"};
  return out;
}

}  // namespace dabba::samples
