/// A dispatcher with its partners and a clock in one's hand.
#pragma once

#include <algorithm>
#include <map>

#include "actors/domain/dispatch/dispatcher.hpp"
#include "tests/protocols/samples.hpp"

namespace dabba::samples {

inline constexpr zone_id the_zone{0x3bae000000000000};

inline find_partner wanted(std::uint64_t order, instant started_at = noon) {
  return {.order = nth<order_id>(order),
          .restaurant = nth<restaurant_id>(1),
          .restaurant_name = "Vidyarthi Bhavan",
          .pickup = kitchen,
          .dropoff = north_of(kitchen, 2000),
          .address_line = "7, Church Street",
          .started_at = started_at,
          .ready_by = noon + std::chrono::minutes{12},
          .search_until = noon + std::chrono::hours{2},
          .pay = {40'00},
          .pay_currency = currency::INR,
          .not_to = {}};
}

inline partner_seen seen_at(std::uint64_t partner, double metres_north, bool idle = true) {
  return {nth<partner_id>(partner), north_of(kitchen, metres_north), idle, 8, 0, {}};
}

inline std::vector<partner_id> partners(std::initializer_list<std::uint64_t> numbers) {
  std::vector<partner_id> out;
  for (auto n : numbers) out.push_back(nth<partner_id>(n));
  return out;
}

inline std::vector<partner_id> offered_to(const dispatch_effects& effects) {
  std::vector<partner_id> out;
  for (const auto& e : effects)
    if (const auto* x = std::get_if<send_offer>(&e)) out.push_back(x->to);
  return out;
}

inline std::map<partner_id, withdrawal> taken_back(const dispatch_effects& effects) {
  std::map<partner_id, withdrawal> out;
  for (const auto& e : effects)
    if (const auto* x = std::get_if<take_back>(&e)) out[x->from] = x->why;
  return out;
}

inline offer offer_in(const dispatch_effects& effects) {
  for (const auto& e : effects)
    if (const auto* x = std::get_if<send_offer>(&e)) return x->what;
  throw std::logic_error{"no offer was made"};
}

struct zone_under_test {
  explicit zone_under_test(dispatch_terms with = {}, std::unique_ptr<dispatch_policy> policy = nullptr)
      : terms{with},
        dispatch{the_zone, with, with.offer_patience, policy ? std::move(policy) : std::make_unique<nearest_policy>()} {
  }

  /// Partners 1 to `count`, each `step` metres farther from the kitchen.
  void line_up(std::uint64_t count, double step = 100) {
    for (std::uint64_t i = 1; i <= count; ++i) dispatch.seen(seen_at(i, static_cast<double>(i) * step), now);
  }

  dispatch_effects find(std::uint64_t order) { return dispatch.find(wanted(order, now), now); }
  dispatch_effects answer(offer_id what, std::uint64_t partner, offer_outcome outcome) {
    return dispatch.answered(what, nth<partner_id>(partner), outcome, now);
  }
  dispatch_effects after(duration passed) {
    now = now + passed;
    return dispatch.round(now);
  }
  const search_record& record(std::uint64_t order) const { return *dispatch.record(nth<order_id>(order)); }

  std::map<partner_id, offer_outcome> outcomes(std::uint64_t order, std::size_t wave) const {
    std::map<partner_id, offer_outcome> out;
    for (const auto& x : record(order).waves.at(wave).asked) out[x.partner] = x.outcome;
    return out;
  }
  std::map<partner_id, pass_reason> passed(std::uint64_t order, std::size_t wave) const {
    std::map<partner_id, pass_reason> out;
    for (const auto& x : record(order).waves.at(wave).passed) out[x.partner] = x.reason;
    return out;
  }

  dispatch_terms terms;
  dispatcher dispatch;
  instant now = noon;
};

}  // namespace dabba::samples
