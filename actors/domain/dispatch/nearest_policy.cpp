#include <algorithm>

#include "actors/domain/dispatch/zone_state.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

constexpr std::size_t explained = 12;  // partners nearby whose passing over is recorded, per wave

/// Offers planned in this round and not yet counted in the zone's state.
using planned_counts = std::unordered_map<partner_id, std::size_t>;

planned_offer plan_wave(const zone_state& zone, const open_search& search, instant now, const dispatch_terms& terms,
                        planned_counts& planned) {
  planned_offer out{.orders = {search.wanted.order},
                    .depart_at = now,
                    .radius_m = wave_radius(search.wave, terms),
                    .asks = {},
                    .passed = {}};
  out.asks.reserve(terms.fanout);
  auto reason = [&](partner_id id) -> std::optional<pass_reason> {
    const auto& who = zone.partners.at(id);
    if (auto why = unfit(search, who, now)) return why;
    if (search.asked.contains(id)) return pass_reason::asked_before;
    auto more = planned.find(id);
    bool is_full = more != planned.end() && who.open_offers + more->second >= limits::open_offers_per_partner;
    return is_full ? std::optional{pass_reason::too_many_offers} : std::nullopt;
  };
  auto chosen =
      zone.where.nearest(search.wanted.pickup, out.radius_m, terms.fanout, [&](partner_id id) { return !reason(id); });
  for (const auto& near : chosen) out.asks.push_back({near.partner, near.distance_m, {}});
  auto around =
      zone.where.nearest(search.wanted.pickup, out.radius_m, terms.fanout + explained, [](partner_id) { return true; });
  for (const auto& near : around) {
    if (std::ranges::find(chosen, near.partner, &neighbour::partner) != chosen.end()) continue;
    if (out.passed.size() == explained) break;
    out.passed.push_back({near.partner, near.distance_m, reason(near.partner).value_or(pass_reason::not_needed)});
  }
  for (const auto& ask : out.asks) ++planned[ask.partner];
  return out;
}

}  // namespace

metres wave_radius(int wave, const dispatch_terms& terms) noexcept {
  if (terms.waves <= 1) return terms.last_radius;
  double share = static_cast<double>(std::min(wave, terms.waves - 1)) / (terms.waves - 1);
  return {terms.first_radius.value + share * (terms.last_radius.value - terms.first_radius.value)};
}

std::vector<planned_offer> nearest_policy::plan(const zone_state& zone, instant now, const dispatch_terms& terms) {
  std::vector<const open_search*> due;
  for (auto turn = zone.turns.begin(); turn != zone.turns.end() && turn->first <= now; ++turn)
    due.push_back(&zone.searches.at(turn->second));
  // Who has waited longest asks first.
  std::ranges::sort(due, {}, [](const open_search* s) { return std::pair{s->wanted.started_at, s->wanted.order}; });
  std::vector<planned_offer> out;
  out.reserve(due.size());
  planned_counts planned;
  for (const auto* search : due) out.push_back(plan_wave(zone, *search, now, terms, planned));
  return out;
}

}  // namespace dabba
