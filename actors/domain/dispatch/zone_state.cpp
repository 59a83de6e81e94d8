#include "actors/domain/dispatch/zone_state.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba {

void zone_state::wait(open_search& search, instant until) {
  auto order = search.wanted.order;
  turns.erase({search.next_wave_at, order});
  search.live.reset();
  search.next_wave_at = until;
  turns.emplace(until, order);
}

void zone_state::begin(open_search& search, offer_id offer) {
  turns.erase({search.next_wave_at, search.wanted.order});
  search.live = offer;
}

void zone_state::forget(order_id order) {
  auto found = searches.find(order);
  if (found == searches.end()) return;
  turns.erase({found->second.next_wave_at, order});
  searches.erase(found);
}

std::optional<pass_reason> unfit(const open_search& search, const partner_seen& who, instant now) {
  if (!who.idle) return pass_reason::busy;
  if (search.declined.contains(who.partner)) return pass_reason::declined_before;
  if (std::ranges::find(search.wanted.not_to, who.partner) != search.wanted.not_to.end())
    return pass_reason::declined_before;
  if (who.open_offers >= limits::open_offers_per_partner) return pass_reason::too_many_offers;
  auto ready = std::max(now, search.wanted.ready_by);
  if (who.shift_ends_at && *who.shift_ends_at < ready) return pass_reason::shift_ends;
  return std::nullopt;
}

}  // namespace dabba
