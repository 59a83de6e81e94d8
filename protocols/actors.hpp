/// Every kind of actor and what it promises: the table of contents of the system. An answer of type `reply` holds the
/// alternative named beside the arrow; a refusal is an `errc`.
#pragma once

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>
#include <chrono>

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
/// To a session: its subscription to the entity stands as long as this actor lives, or has ended.
struct publishing {
  entity_ref entity;
  caf::strong_actor_ptr by;
  bool has_ended = false;
};
/// Positions of a partner, oldest first.
struct locations {
  std::vector<location> points;
};
/// The handle of an entity's actor, for what is sent too often to be routed each time. When the actor ends (its shard
/// moved, or it was forgotten) or its node is lost, the holder asks again.
struct locate_partner {
  partner_id who;
};
struct locate_matchmaker {
  zone_id zone;
};

/// What sessions are told of entities, in the order in which it was sent.
using news = std::variant<published, carrier_moved, order_changed, make_offer, withdraw_offer, publishing, replaced>;
/// For sessions of one other node: what is for a node travels together.
struct session_news {
  std::vector<session_actor> to;  ///< at least one
  news what;
};

// -- Routing ---------------------------------------------------------------------------------------------------------

/// Whatever can be sent to an entity wherever it lives.
using routed =
    std::variant<order_request, restaurant_request, partner_request, read_state, read_location, read_offers,
                 read_search, read_menu, price_lines, subscribe, unsubscribe, attach, detach, locations, find_partner,
                 end_search, partner_seen, partner_left, make_offer, withdraw_offer, offer_answered, order_changed,
                 restaurant_seen, carrier_moved, partners_moved, show_restaurant>;

/// A message on its way to the entity's shard, on this node or another.
struct envelope {
  entity_ref to;
  std::uint64_t view = 0;  ///< of the cluster's tables, as the sender's region knew them
  std::uint8_t hops = 0;   ///< from node to node, and back: at most limits::hops
  routed body;
  /// When it came to its first region, by the clock of the node it is on; all patience counts from here.
  std::chrono::steady_clock::time_point since{};
};

// -- Between nodes ---------------------------------------------------------------------------------------------------

/// From the node that connects. A connection is told from the one before it by its number.
struct hello {
  node_id from;
  node_id to;  ///< whom the caller means to reach at this address
  std::uint32_t protocol = protocol_version;
  std::uint64_t connection = 0;
  link_actor link;
};
struct welcome {
  link_actor link;
};

/// The connection works both ways when a heartbeat comes that has heard ours.
struct heartbeat {
  std::uint64_t connection = 0;
  std::uint64_t beat = 0;   ///< rises with each
  std::uint64_t heard = 0;  ///< the latest of the other side's, 0 for none
  std::uint64_t view = 0;   ///< version of the cluster's tables that the sender knows
};

using question = std::variant<envelope, locate_partner, locate_matchmaker, list_zones, session_news>;
/// An `errc` is a refusal; `moved`: the question was not taken, ask whoever owns the shard now.
using answer = std::variant<errc, reply, partner_actor, matchmaker_actor, zone_list>;

/// What one node's region has for another's, gathered while the last parcel was being written.
struct parcel {
  struct asked {
    std::uint64_t id = 0;       ///< consecutive along a connection
    bool wants_answer = true;   ///< else whoever gets it sends it on if need be
    std::uint32_t ms_left = 0;  ///< of the asker's patience when it was sent; 0: too late, not to be done
    question what;
  };
  struct answered {
    std::uint64_t id = 0;
    answer what;
  };

  std::uint64_t connection = 0;
  std::uint64_t number = 0;   ///< of a parcel with content, consecutive along a connection
  std::uint64_t handled = 0;  ///< of the other side's parcels: the latest of which all was passed on
  bool wants_word = false;    ///< much is under way: the sender would like to know soon what was passed on
  std::vector<asked> questions;
  std::vector<answered> answers;
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

using restaurant_actor =
    caf::typed_actor<caf::result<reply>(restaurant_request),  // -> restaurant, or changed_menu; after the commit
                     caf::result<reply>(read_state),          // -> restaurant
                     caf::result<reply>(read_menu),           // -> current_menu
                     caf::result<reply>(price_lines),         // -> quote, or not_sold
                     caf::result<reply>(subscribe),           // -> subscribed: the feed of its orders
                     caf::result<void>(unsubscribe),          //
                     caf::result<void>(order_changed),        // one of its orders; passed on to the feed
                     caf::result<void>(show_restaurant),      // to the board of its zone, if it is active
                     caf::result<void>(stop)>;

/// The live map of a zone, for operators. Soft: rebuilt from what orders, restaurants and the matchmaker say.
using board_actor =
    caf::typed_actor<caf::result<void>(order_changed),    //
                     caf::result<void>(restaurant_seen),  //
                     caf::result<void>(partners_moved),   //
                     caf::result<reply>(subscribe),       // -> subscribed; a snapshot follows, then what changed
                     caf::result<void>(unsubscribe),      //
                     caf::result<zone_list>(list_zones),  // its own zone
                     caf::result<void>(tick),             // send what changed, a few times a second
                     caf::result<void>(stop)>;

// -- Infrastructure --------------------------------------------------------------------------------------------------

/// One per owned shard: starts entities, routes to them, keeps their timers in one heap.
using shard_actor =
    caf::typed_actor<caf::result<reply>(envelope),                // from the region, which found the shard to be here
                     caf::result<partner_actor>(locate_partner),  //
                     caf::result<matchmaker_actor>(locate_matchmaker),  //
                     caf::result<void>(set_timer),                      // from its entities
                     caf::result<void>(may_forget),                     // from its entities
                     caf::result<zone_list>(list_zones),                // the zones whose board lives here
                     caf::result<void>(tick),  // timers that are due; passed on to those who need it
                     caf::result<void>(stop)>;

/// One per node, the way to every entity: knows which shard is where, and passes on what is for another node. What
/// comes while a shard changes its node waits, within bounds.
using region_actor =
    caf::typed_actor<caf::result<reply>(envelope),  // `unavailable` when the shard has no owner for too long
                     caf::result<partner_actor>(locate_partner),        //
                     caf::result<matchmaker_actor>(locate_matchmaker),  //
                     caf::result<zone_list>(list_zones),                //
                     caf::result<void>(session_news),                   // to another node
                     caf::result<void>(tick),                           // every `limits::tick_interval`
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
  return f.object(x).fields(
      f.field("to", x.to), f.field("view", x.view), f.field("hops", x.hops), f.field("body", x.body));
}

template <class Inspector>
bool inspect(Inspector& f, publishing& x) {
  return f.object(x).fields(f.field("entity", x.entity), f.field("by", x.by), f.field("hasEnded", x.has_ended));
}
template <class Inspector>
bool inspect(Inspector& f, session_news& x) {
  return f.object(x).fields(f.field("to", x.to), f.field("what", x.what));
}
template <class Inspector>
bool inspect(Inspector& f, hello& x) {
  return f.object(x).fields(f.field("from", x.from), f.field("to", x.to), f.field("protocol", x.protocol),
                            f.field("connection", x.connection), f.field("link", x.link));
}
template <class Inspector>
bool inspect(Inspector& f, welcome& x) {
  return f.object(x).fields(f.field("link", x.link));
}
template <class Inspector>
bool inspect(Inspector& f, heartbeat& x) {
  return f.object(x).fields(
      f.field("connection", x.connection), f.field("beat", x.beat), f.field("heard", x.heard), f.field("view", x.view));
}
template <class Inspector>
bool inspect(Inspector& f, parcel::asked& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("wantsAnswer", x.wants_answer), f.field("msLeft", x.ms_left),
                            f.field("what", x.what));
}
template <class Inspector>
bool inspect(Inspector& f, parcel::answered& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("what", x.what));
}
template <class Inspector>
bool inspect(Inspector& f, parcel& x) {
  return f.object(x).fields(
      f.field("connection", x.connection), f.field("number", x.number), f.field("handled", x.handled),
      f.field("wantsWord", x.wants_word), f.field("questions", x.questions), f.field("answers", x.answers));
}

}  // namespace dabba
