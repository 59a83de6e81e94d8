/// What a dispatch policy sees: a zone's partners, and the orders that search for one.
#pragma once

#include <set>
#include <unordered_set>

#include "actors/domain/dispatch/partner_index.hpp"
#include "protocols/model/dispatch.hpp"
#include "protocols/model/terms.hpp"

namespace dabba {

/// An order that searches for a partner.
struct open_search {
  find_partner wanted;
  int wave = 0;                             ///< of this round of widening circles, from 0
  instant next_wave_at;                     ///< no offer is made before; changed by zone_state::wait only
  std::size_t missed = 0;                   ///< times that its order should have told of it again
  std::optional<offer_id> live;             ///< the offer that is out for it
  std::unordered_set<partner_id> asked;     ///< in this round
  std::unordered_set<partner_id> declined;  ///< ever; never asked again
};

struct zone_state {
  partner_index where;
  std::unordered_map<partner_id, partner_seen> partners;
  std::unordered_map<order_id, open_search> searches;
  /// The searches without a live offer, by when their next wave may begin.
  std::set<std::pair<instant, order_id>> turns;

  /// No offer is out for the search, and none is to be made before `until`.
  void wait(open_search& search, instant until);
  /// `offer` is out for the search.
  void begin(open_search& search, offer_id offer);
  void forget(order_id order);
};

/// Why the partner can't be asked for the order now, whichever the wave; nothing: it can.
std::optional<pass_reason> unfit(const open_search& search, const partner_seen& who, instant now);

/// One job to offer, as a policy plans it.
struct planned_offer {
  struct ask {
    partner_id partner;
    metres distance_m;
    duration after{0};  ///< staggered: seconds after the first
  };
  std::vector<order_id> orders;  ///< of one restaurant, in drop-off sequence
  instant depart_at;
  bool follows_current = false;
  metres radius_m;
  std::vector<ask> asks;  ///< empty: nobody fits now
  std::vector<passed_over> passed;
};

/// Decides what to offer to whom. Pure: the same state, time and seed give the same plan.
class dispatch_policy {
 public:
  virtual ~dispatch_policy() = default;

  /// Called in rounds and whenever something changed; plans only for searches without a live offer whose time has come.
  virtual std::vector<planned_offer> plan(const zone_state& zone, instant now, const dispatch_terms& terms) = 0;
};

/// Offers each order by itself to the nearest idle partners at once; the circle widens wave by wave.
class nearest_policy final : public dispatch_policy {
 public:
  std::vector<planned_offer> plan(const zone_state& zone, instant now, const dispatch_terms& terms) override;
};

/// The circle of a wave: from the first radius to the last in equal steps.
metres wave_radius(int wave, const dispatch_terms& terms) noexcept;

}  // namespace dabba
