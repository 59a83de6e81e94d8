/// What actors say to each other, one struct per message. Handles of actors appear only in actors.hpp.
#pragma once

#include <chrono>
#include <variant>

#include "protocols/model/city.hpp"
#include "protocols/model/dispatch.hpp"
#include "protocols/model/errors.hpp"
#include "protocols/model/offer.hpp"
#include "protocols/model/order_commands.hpp"
#include "protocols/model/order_events.hpp"
#include "protocols/model/partner.hpp"
#include "protocols/model/promotion.hpp"
#include "protocols/model/restaurant_commands.hpp"
#include "protocols/model/restaurant_events.hpp"
#include "protocols/model/snapshot.hpp"

namespace dabba {

// -- Commands --------------------------------------------------------------------------------------------------------

/// An Idempotency-Key as sent: the answer is stored with the effect under (caller, key).
struct idempotency_claim {
  user_id caller;
  std::string key;           ///< method, path and the caller's key
  std::string request_hash;  ///< of the body
};

struct command_meta {
  command_id command;
  std::optional<std::uint64_t> expected_version;
  std::optional<idempotency_claim> idempotency;
  /// When it came to this node: patience with a store that is away counts from here. Not sent.
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
};

struct order_request {
  command_meta meta;
  order_id to;
  order_command command;
};
struct restaurant_request {
  command_meta meta;
  restaurant_id to;
  restaurant_command command;
};
struct partner_request {
  command_meta meta;
  partner_id to;
  partner_command command;
};

// -- Questions -------------------------------------------------------------------------------------------------------

/// The entity's state as last acknowledged.
struct read_state {};
/// From a board that has an order of this restaurant and does not know it. -> restaurant_seen, to the board of its zone
struct show_restaurant {};
/// Where the order's partner is.
struct read_location {};
/// The partner's open offers.
struct read_offers {};
/// The decisions of an order's search.
struct read_search {
  order_id order;
};
/// The restaurant's menu, unless it is the one that is known.
struct read_menu {
  std::optional<menu_stamp> known;
};
/// What these items cost now at this restaurant, brought to this place.
struct price_lines {
  struct wanted {
    item_id item;
    std::int32_t quantity = 1;
    std::string special_instructions;
    std::vector<option_id> choices{};
  };
  std::vector<wanted> lines;
  /// What the rest of the price depends on.
  struct circumstances {
    std::optional<geo_point> dropoff{};  ///< without one there is no delivery fee, and no look at the delivery area
    minor_units tip{};
    bool is_first_order = false;
    std::vector<offered_promotion> deals{};  ///< at most `limits::deals_considered`
    std::optional<offered_promotion> coupon{};
  };
  circumstances given{};
};

// -- Answers ---------------------------------------------------------------------------------------------------------

struct done {};
/// Lines priced by the restaurant that is open and has them.
struct quote {
  std::string restaurant_name;
  geo_point pickup;
  zone_id zone;
  std::vector<order_line> lines;
  currency money = currency::INR;
  kitchen_terms kitchen{};
  price_breakdown price{};
  errc coupon = errc::none;  ///< why the coupon is not in the price
};
/// Why a restaurant sells not what it was asked for.
struct not_sold {
  errc why = errc::restaurant_closed;
  std::optional<instant> opens_at{};    ///< of a closed one, where it is known
  std::optional<std::uint32_t> line{};  ///< of those asked for
};
struct current_menu {
  restaurant_id of;
  menu_stamp stamp;
  instant now;                            ///< when what is not available then is not
  std::optional<snapshot<menu>> content;  ///< nothing: it is the one that is known
};
/// What a command was about, as it is now; what it removed is not there.
struct changed_menu {
  std::uint64_t version = 0;  ///< of the restaurant
  std::vector<menu_item> items;
  std::vector<menu_category> categories;
  std::vector<modifier_group> groups;
};
/// What happens from here on is published; `seq` is the topic's latest.
struct subscribed {
  std::uint64_t seq = 0;
};
struct located_partner {
  partner_id partner;
  location where;
  instant now;
};
struct open_offers {
  std::vector<offer> offers;
};
/// The accepted offer's deliveries (fewer than offered when an order was cancelled meanwhile).
struct awarded_job {
  offer_id offer;
  std::vector<active_delivery> deliveries;
};

using reply = std::variant<done, order, restaurant, partner, quote, subscribed, located_partner, open_offers,
                           awarded_job, search_record, not_sold, current_menu, changed_menu>;

// -- Dispatch --------------------------------------------------------------------------------------------------------

struct end_search {
  order_id order;
  std::optional<partner_id> taken_by;
};
struct partner_left {
  partner_id partner;
};
struct make_offer {
  offer what;
};
struct withdraw_offer {
  offer_id what;
  withdrawal why = withdrawal::taken;
};
/// From a partner actor to the matchmaker that made the offer.
struct offer_answered {
  offer_id what;
  partner_id partner;
  offer_outcome outcome = offer_outcome::declined;
};

// -- What happened ---------------------------------------------------------------------------------------------------

using any_event = std::variant<order_event, partner_event, restaurant_event>;

/// One committed event, to subscribers of its entity, and to the restaurant's feed by `position`.
struct published {
  entity_ref entity;
  std::uint64_t seq = 0;
  std::uint64_t position = 0;
  instant at;
  any_event event;
};

/// Committed: an order's new state and the events that led to it, to its restaurant, its partner and its zone's board.
struct order_changed {
  snapshot<order> now;
  std::vector<published> events;
};

/// The carrier's position, to its order's subscribers. Never stored; the latest wins.
struct carrier_moved {
  order_id order;
  partner_id partner;
  location where;
};

struct list_zones {
  bool of_this_node = false;  ///< else of all nodes
};
struct zone_list {
  std::vector<zone_info> zones;
};

// -- Housekeeping ----------------------------------------------------------------------------------------------------

/// An entity's next deadline, to its shard; nothing: it has none.
struct set_timer {
  entity_ref entity;
  std::optional<instant> due;
};
/// From the shard: the time an entity asked for has come.
struct timer_due {
  instant due;
};
/// Once per tick of the node's ticker.
struct tick {};
/// From the shard: finish what is under way and end.
struct stop {};
/// From an entity that is closed and that nobody asked for a while.
struct may_forget {
  entity_ref entity;
};

}  // namespace dabba
