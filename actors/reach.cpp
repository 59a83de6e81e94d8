#include "actors/reach.hpp"

#include <algorithm>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/node.hpp"
#include "actors/zones.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

// How far a partner moves before its zones are computed anew; the reach is that much wider.
constexpr metres recompute_after{500};

}  // namespace

bool move_allowance::take() {
  auto now = std::chrono::steady_clock::now();
  left_ = std::min(most, left_ + std::chrono::duration<double>(now - counted_at_).count());
  counted_at_ = now;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

void zone_reach::tell(partner_actor::pointer self, const partner_seen& partner) {
  bool is_elsewhere = !computed_at_ || distance(*computed_at_, partner.at) > recompute_after;
  if (is_elsewhere && moves_.take()) move_to(self, partner);
  for (const auto& known : zones_) {
    tell_directly_if_here(known.matchmaker, region_, matchmaker_ref(known.zone), partner);
  }
}

void zone_reach::leave(partner_actor::pointer self, const known_zone& known, partner_id partner) {
  if (known.matchmaker) self->demonitor(known.matchmaker);
  send_to(region_, matchmaker_ref(known.zone), partner_left{partner});
}

void zone_reach::leave(partner_actor::pointer self, partner_id partner) {
  for (const auto& known : zones_) leave(self, known, partner);
  zones_.clear();
  computed_at_.reset();
}

bool zone_reach::forget(const caf::actor_addr& gone) {
  bool was_known = false;
  for (auto& known : zones_) {
    if (!known.matchmaker || known.matchmaker.address() != gone) continue;
    known.matchmaker = nullptr;
    was_known = true;
  }
  if (was_known) computed_at_.reset();  // asked for with the next position
  return was_known;
}

void zone_reach::move_to(partner_actor::pointer self, const partner_seen& partner) {
  computed_at_ = partner.at;
  auto now_within = zones_within(partner.at, {reach_.value + recompute_after.value});
  for (const auto& known : zones_)
    if (std::ranges::find(now_within, known.zone) == now_within.end()) leave(self, known, partner.partner);
  std::vector<known_zone> next;
  for (auto zone : now_within) {
    auto known = std::ranges::find(zones_, zone, &known_zone::zone);
    next.push_back(known == zones_.end() ? known_zone{zone, {}} : *known);
  }
  zones_ = std::move(next);
  for (const auto& known : zones_)
    if (!known.matchmaker) find(self, known.zone);
}

void zone_reach::find(partner_actor::pointer self, zone_id zone) {
  self->request(region_, limits::request_deadline, locate_matchmaker{zone})
      .then(
          [this, self, zone](const matchmaker_actor& matchmaker) {
            auto known = std::ranges::find(zones_, zone, &known_zone::zone);
            if (known == zones_.end() || known->matchmaker) return;
            known->matchmaker = matchmaker;
            self->monitor(matchmaker);
          },
          [](const caf::error&) {});  // it is elsewhere, or not now: the region carries the messages meanwhile
}

}  // namespace dabba
