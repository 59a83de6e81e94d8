/// A zone's dispatch without actors: what it is told goes in, offers and withdrawals come out. Holds the searches, the
/// offers that are out, and the record of every decision.
#pragma once

#include <deque>
#include <memory>
#include <variant>

#include "actors/domain/dispatch/zone_state.hpp"

namespace dabba {

/// Tell this partner's actor of the offer.
struct send_offer {
  partner_id to;
  offer what;
};
/// Take it back.
struct take_back {
  partner_id from;
  offer_id what;
  withdrawal why = withdrawal::taken;
};
using dispatch_effects = std::vector<std::variant<send_offer, take_back>>;

class dispatcher {
 public:
  /// `answer_time` is how long an offer stands.
  dispatcher(zone_id zone, dispatch_terms terms, duration answer_time, std::unique_ptr<dispatch_policy> policy);

  /// An order searches, or still does.
  dispatch_effects find(const find_partner& wanted, instant now);
  /// It has a partner, or wants none any more.
  dispatch_effects end(order_id order, std::optional<partner_id> taken_by, instant now);
  dispatch_effects seen(const partner_seen& partner, instant now);
  dispatch_effects left(partner_id partner, instant now);
  /// A partner declined, could not be offered it, or let it expire.
  dispatch_effects answered(offer_id what, partner_id partner, offer_outcome outcome, instant now);
  /// Expiries, staggered offers that are due, and the policy's plan for the searches whose time has come.
  dispatch_effects round(instant now);

  /// Called as often as orders tell of their searches again: ends those that nobody has told of for some time, whose
  /// order came to its end unheard, and those past their time.
  dispatch_effects sweep(instant now);

  /// The decisions of a search, open or among the last `remembered` ended.
  [[nodiscard]] const search_record* record(order_id order) const;
  [[nodiscard]] bool has_records() const noexcept { return !records_.empty(); }
  [[nodiscard]] const zone_state& state() const noexcept { return zone_; }

 private:
  struct live_offer {
    offer what;
    std::vector<order_id> orders;
    std::unordered_map<partner_id, offer_outcome> outcomes;
    std::deque<std::pair<instant, partner_id>> to_send;  ///< staggered, by time
  };

  /// Carries out the policy's plan for the searches whose time has come.
  void plan(instant now, dispatch_effects& out);
  dispatch_effects join_open_offers(partner_seen& partner, instant now);
  dispatch_effects lose_offers(partner_id partner, instant now);
  void begin_wave(const planned_offer& plan, instant now, dispatch_effects& out);
  void note_empty_wave(const planned_offer& plan, instant now);
  offer make_offer_of(const planned_offer& plan, instant now) const;
  void send_due(live_offer& live, instant now, dispatch_effects& out);
  void withdraw(live_offer& live, withdrawal why, instant now, dispatch_effects& out);
  void note(const live_offer& live, partner_id partner, offer_outcome outcome, instant now);
  void end_wave(offer_id id, instant now);
  void next_wave(open_search& search, instant now);
  void remember_ended(order_id order);

  zone_id id_;
  dispatch_terms terms_;
  duration answer_time_;
  std::unique_ptr<dispatch_policy> policy_;
  zone_state zone_;
  std::unordered_map<offer_id, live_offer> live_;
  std::unordered_map<order_id, search_record> records_;
  std::deque<order_id> ended_;  ///< whose records are kept, oldest first
};

}  // namespace dabba
