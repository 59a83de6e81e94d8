/// Every kind of actor and what it promises: the table of contents of the system. An answer of type `reply` holds the
/// alternative named beside the arrow; a refusal is an `errc`.
#pragma once

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include "protocols/type_ids.hpp"

namespace dabba {

// -- Messages that carry handles -------------------------------------------------------------------------------------

/// Publish to `who` what happens from now on.
struct subscribe {
  session_actor who;
  bool is_guest = false;  ///< without a token, on an open city
};
struct unsubscribe {
  session_actor who;
};
/// The socket of a partner's phone.
struct attach {
  session_actor phone;
};
struct detach {
  session_actor phone;
};
/// To a session: a newer connection of the same partner took over.
struct replaced {};
/// Positions of a partner, oldest first.
struct locations {
  std::vector<location> points;
};
/// The handle of an entity's actor on this node, for what is sent too often to be routed each time. When the actor
/// ends (its shard moved, or it was forgotten) the holder asks again.
struct locate_partner {
  partner_id who;
};
struct locate_matchmaker {
  zone_id zone;
};

// -- Routing ---------------------------------------------------------------------------------------------------------

/// Whatever can be sent to an entity wherever it lives.
using routed = std::variant<order_request, restaurant_request, partner_request, read_state, read_location, read_offers,
                            read_search, price_lines, subscribe, unsubscribe, attach, detach, locations, find_partner,
                            end_search, partner_seen, partner_left, make_offer, withdraw_offer, offer_answered,
                            order_changed, restaurant_seen, carrier_moved, partners_moved>;

/// A message on its way to the entity's shard, on this node or another.
struct envelope {
  entity_ref to;
  std::uint64_t view = 0;  ///< the membership view the sender knew
  std::uint8_t hops = 0;   ///< at most limits::hops
  routed body;
};

// -- Entities --------------------------------------------------------------------------------------------------------

using order_actor = caf::typed_actor<
    caf::result<reply>(order_request),  // -> order, after the commit; a repeated command has no further effect
    caf::result<reply>(read_state),     // -> order
    caf::result<reply>(read_location),  // -> located_partner
    caf::result<reply>(subscribe),      // -> subscribed: its events, and its partner's positions
    caf::result<void>(unsubscribe),     //
    caf::result<void>(carrier_moved),   // passed on to subscribers; kept in memory only
    caf::result<void>(timer_due),       // its next deadline; while it searches, to remind the matchmaker
    caf::result<void>(stop)>;

using restaurant_actor = caf::typed_actor<
    caf::result<reply>(restaurant_request),  // -> restaurant, after the commit
    caf::result<reply>(read_state),          // -> restaurant
    caf::result<reply>(price_lines),         // -> quote, when it is open and has them all
    caf::result<reply>(subscribe),           // -> subscribed: the feed of its orders
    caf::result<void>(unsubscribe),          //
    caf::result<void>(order_changed),        // one of its orders; passed on to the feed
    caf::result<void>(stop)>;

/// The live map of a zone, for operators. Soft: rebuilt from what orders, restaurants and the matchmaker say.
using board_actor = caf::typed_actor<
    caf::result<void>(order_changed),    //
    caf::result<void>(restaurant_seen),  //
    caf::result<void>(partners_moved),   //
    caf::result<reply>(subscribe),       // -> subscribed; a snapshot follows, then what changed
    caf::result<void>(unsubscribe),      //
    caf::result<zone_list>(list_zones),  // its own zone
    caf::result<void>(tick),             // send what changed, a few times a second
    caf::result<void>(stop)>;

// -- Infrastructure --------------------------------------------------------------------------------------------------

/// One per owned shard: starts entities, routes to them, keeps their timers in one heap.
using shard_actor = caf::typed_actor<
    caf::result<reply>(envelope),                      // from the region, which found the shard to be here
    caf::result<partner_actor>(locate_partner),        //
    caf::result<matchmaker_actor>(locate_matchmaker),  //
    caf::result<void>(set_timer),                      // from its entities
    caf::result<void>(may_forget),                     // from its entities
    caf::result<zone_list>(list_zones),                // the zones whose board lives here
    caf::result<void>(tick),                           // timers that are due; passed on to those who need it
    caf::result<void>(stop)>;

/// One per node, the way to every entity: knows which shard is where. Only regions talk across nodes.
using region_actor = caf::typed_actor<
    caf::result<reply>(envelope),                      //
    caf::result<partner_actor>(locate_partner),        //
    caf::result<matchmaker_actor>(locate_matchmaker),  //
    caf::result<zone_list>(list_zones),                //
    caf::result<void>(tick),                           // from itself, every `limits::tick_interval`
    caf::result<void>(stop)>;                          // drain: shards finish their writes

template <class Inspector>
bool inspect(Inspector& f, subscribe& x) {
  return f.object(x).fields(f.field("who", x.who), f.field("isGuest", x.is_guest));
}
template <class Inspector>
bool inspect(Inspector& f, unsubscribe& x) {
  return f.object(x).fields(f.field("who", x.who));
}
template <class Inspector>
bool inspect(Inspector& f, attach& x) {
  return f.object(x).fields(f.field("phone", x.phone));
}
template <class Inspector>
bool inspect(Inspector& f, detach& x) {
  return f.object(x).fields(f.field("phone", x.phone));
}
template <class Inspector>
bool inspect(Inspector& f, replaced& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, locations& x) {
  return f.object(x).fields(f.field("points", x.points));
}
template <class Inspector>
bool inspect(Inspector& f, locate_partner& x) {
  return f.object(x).fields(f.field("who", x.who));
}
template <class Inspector>
bool inspect(Inspector& f, locate_matchmaker& x) {
  return f.object(x).fields(f.field("zone", x.zone));
}
template <class Inspector>
bool inspect(Inspector& f, envelope& x) {
  return f.object(x).fields(f.field("to", x.to), f.field("view", x.view), f.field("hops", x.hops),
                            f.field("body", x.body));
}

}  // namespace dabba
