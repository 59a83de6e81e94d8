/// CAF's type ids of everything that travels between actors. Ids are positional: append only, and raise
/// `protocol_version` with every change (nodes compare it when they meet).
#pragma once

#include <caf/error.hpp>
#include <caf/is_error_code_enum.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include "protocols/message_fields.hpp"

namespace dabba {

inline constexpr std::uint32_t protocol_version = 7;

struct envelope;
struct subscribe;
struct unsubscribe;
struct attach;
struct detach;
struct locate_partner;
struct locate_matchmaker;
struct locations;
struct replaced;
struct publishing;
struct session_news;
struct hello;
struct welcome;
struct heartbeat;
struct parcel;

/// The actor of a socket (http-edge): turns what it is told into frames, within a bounded queue.
using session_actor = caf::typed_actor<
    caf::result<void>(published),       // an event of a subscribed topic
    caf::result<void>(carrier_moved),   // the partner of a subscribed order moved; may be skipped
    caf::result<void>(order_changed),   // an order of a subscribed restaurant changed
    caf::result<void>(make_offer),      // to a partner's session
    caf::result<void>(withdraw_offer),  // to a partner's session
    caf::result<void>(city_update),     // to an operator's session; the next one waits until this one was sent
    caf::result<void>(publishing),      // the actor behind a subscription: when it ends, subscribe anew
    caf::result<void>(replaced)>;       // a newer connection of the same partner took over: close

/// A partner. See actors.hpp for what it is sent through its shard.
using partner_actor = caf::typed_actor<
    caf::result<reply>(partner_request),  // -> partner, or awarded_job for an accept; after the commit
    caf::result<reply>(read_state),       // -> partner
    caf::result<reply>(read_offers),      // -> open_offers
    caf::result<reply>(make_offer),       // -> done, or why the offer can't be held
    caf::result<void>(withdraw_offer),    // somebody else took it, or it is void
    caf::result<reply>(subscribe),        // -> subscribed: its events
    caf::result<void>(unsubscribe),       //
    caf::result<reply>(attach),           // -> done: this session is the partner's phone now; its offers go there
    caf::result<void>(detach),            //
    caf::result<void>(locations),         // where it is; kept in memory only
    caf::result<void>(order_changed),     // an order it carries or carried
    caf::result<void>(timer_due),         // silence or an offer's expiry
    caf::result<void>(stop)>;

/// A zone's dispatcher: positions, searches, offers. Holds nothing that must not be lost.
using matchmaker_actor =
    caf::typed_actor<caf::result<void>(find_partner),    // search, or know that it is still searched
                     caf::result<void>(end_search),      // taken, or no longer wanted
                     caf::result<void>(partner_seen),    // where a partner is and whether it is free
                     caf::result<void>(partner_left),    // offline, or out of reach of the zone
                     caf::result<void>(offer_answered),  // declined, expired, refused
                     caf::result<reply>(read_search),    // -> search_record
                     caf::result<void>(tick),            // a round, when it is time
                     caf::result<void>(stop)>;

/// One end of the connection between two nodes, as the other end sees it.
using link_actor =
    caf::typed_actor<caf::result<void>(heartbeat),  // once a second, and when the sender saw a newer view
                     caf::result<void>(parcel)>;    // questions and answers, in order; from another connection than the
                                                    // present: dropped

/// What a node shows to those who connect to its cluster port.
using gateway_actor =
    caf::typed_actor<caf::result<welcome>(hello)>;  // the other end of the connection, or why there is none

}  // namespace dabba

CAF_BEGIN_TYPE_ID_BLOCK(dabba, first_custom_type_id)

CAF_ADD_TYPE_ID(dabba, (dabba::errc))
CAF_ADD_TYPE_ID(dabba, (dabba::envelope))
CAF_ADD_TYPE_ID(dabba, (dabba::reply))

// Entities and answers.
CAF_ADD_TYPE_ID(dabba, (dabba::done))
CAF_ADD_TYPE_ID(dabba, (dabba::order))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant))
CAF_ADD_TYPE_ID(dabba, (dabba::partner))
CAF_ADD_TYPE_ID(dabba, (dabba::quote))
CAF_ADD_TYPE_ID(dabba, (dabba::subscribed))
CAF_ADD_TYPE_ID(dabba, (dabba::located_partner))
CAF_ADD_TYPE_ID(dabba, (dabba::open_offers))
CAF_ADD_TYPE_ID(dabba, (dabba::awarded_job))
CAF_ADD_TYPE_ID(dabba, (dabba::search_record))

// Requests.
CAF_ADD_TYPE_ID(dabba, (dabba::order_request))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_request))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_request))
CAF_ADD_TYPE_ID(dabba, (dabba::read_state))
CAF_ADD_TYPE_ID(dabba, (dabba::read_location))
CAF_ADD_TYPE_ID(dabba, (dabba::read_offers))
CAF_ADD_TYPE_ID(dabba, (dabba::read_search))
CAF_ADD_TYPE_ID(dabba, (dabba::price_lines))
CAF_ADD_TYPE_ID(dabba, (dabba::subscribe))
CAF_ADD_TYPE_ID(dabba, (dabba::unsubscribe))
CAF_ADD_TYPE_ID(dabba, (dabba::attach))
CAF_ADD_TYPE_ID(dabba, (dabba::detach))

// Dispatch.
CAF_ADD_TYPE_ID(dabba, (dabba::find_partner))
CAF_ADD_TYPE_ID(dabba, (dabba::end_search))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_seen))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_left))
CAF_ADD_TYPE_ID(dabba, (dabba::make_offer))
CAF_ADD_TYPE_ID(dabba, (dabba::withdraw_offer))
CAF_ADD_TYPE_ID(dabba, (dabba::offer_answered))

// Commands of an order.
CAF_ADD_TYPE_ID(dabba, (dabba::place_order))
CAF_ADD_TYPE_ID(dabba, (dabba::payment_succeeded))
CAF_ADD_TYPE_ID(dabba, (dabba::payment_failed))
CAF_ADD_TYPE_ID(dabba, (dabba::accept_order))
CAF_ADD_TYPE_ID(dabba, (dabba::reject_order))
CAF_ADD_TYPE_ID(dabba, (dabba::modify_order))
CAF_ADD_TYPE_ID(dabba, (dabba::start_preparing))
CAF_ADD_TYPE_ID(dabba, (dabba::change_stage))
CAF_ADD_TYPE_ID(dabba, (dabba::mark_ready))
CAF_ADD_TYPE_ID(dabba, (dabba::assign_partner))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_arrived))
CAF_ADD_TYPE_ID(dabba, (dabba::pick_up))
CAF_ADD_TYPE_ID(dabba, (dabba::deliver))
CAF_ADD_TYPE_ID(dabba, (dabba::fail_delivery))
CAF_ADD_TYPE_ID(dabba, (dabba::release_order))
CAF_ADD_TYPE_ID(dabba, (dabba::cancel_order))
CAF_ADD_TYPE_ID(dabba, (dabba::deadline_passed))

// Commands of restaurants and partners.
CAF_ADD_TYPE_ID(dabba, (dabba::register_restaurant))
CAF_ADD_TYPE_ID(dabba, (dabba::verify_restaurant))
CAF_ADD_TYPE_ID(dabba, (dabba::set_restaurant_status))
CAF_ADD_TYPE_ID(dabba, (dabba::add_menu_item))
CAF_ADD_TYPE_ID(dabba, (dabba::go_online))
CAF_ADD_TYPE_ID(dabba, (dabba::go_offline))
CAF_ADD_TYPE_ID(dabba, (dabba::accept_offer))
CAF_ADD_TYPE_ID(dabba, (dabba::decline_offer))

// Events.
CAF_ADD_TYPE_ID(dabba, (dabba::order_event))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_event))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_event))
CAF_ADD_TYPE_ID(dabba, (dabba::order_placed))
CAF_ADD_TYPE_ID(dabba, (dabba::order_paid))
CAF_ADD_TYPE_ID(dabba, (dabba::order_payment_failed))
CAF_ADD_TYPE_ID(dabba, (dabba::order_modified))
CAF_ADD_TYPE_ID(dabba, (dabba::order_accepted))
CAF_ADD_TYPE_ID(dabba, (dabba::order_rejected))
CAF_ADD_TYPE_ID(dabba, (dabba::order_search_started))
CAF_ADD_TYPE_ID(dabba, (dabba::order_preparation_started))
CAF_ADD_TYPE_ID(dabba, (dabba::order_stage_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::order_ready))
CAF_ADD_TYPE_ID(dabba, (dabba::order_partner_assigned))
CAF_ADD_TYPE_ID(dabba, (dabba::order_partner_at_restaurant))
CAF_ADD_TYPE_ID(dabba, (dabba::order_picked_up))
CAF_ADD_TYPE_ID(dabba, (dabba::order_partner_at_customer))
CAF_ADD_TYPE_ID(dabba, (dabba::order_delivered))
CAF_ADD_TYPE_ID(dabba, (dabba::order_partner_released))
CAF_ADD_TYPE_ID(dabba, (dabba::order_delivery_failed))
CAF_ADD_TYPE_ID(dabba, (dabba::order_cancelled))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_went_online))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_went_offline))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_delivery_assigned))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_delivery_ended))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_registered))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_verified))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_status_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_item_added))

// What happened, and housekeeping.
CAF_ADD_TYPE_ID(dabba, (dabba::published))
CAF_ADD_TYPE_ID(dabba, (dabba::order_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_seen))
CAF_ADD_TYPE_ID(dabba, (dabba::carrier_moved))
CAF_ADD_TYPE_ID(dabba, (dabba::partners_moved))
CAF_ADD_TYPE_ID(dabba, (dabba::city_update))
CAF_ADD_TYPE_ID(dabba, (dabba::list_zones))
CAF_ADD_TYPE_ID(dabba, (dabba::zone_info))
CAF_ADD_TYPE_ID(dabba, (dabba::zone_list))
CAF_ADD_TYPE_ID(dabba, (dabba::location))
CAF_ADD_TYPE_ID(dabba, (dabba::locations))
CAF_ADD_TYPE_ID(dabba, (dabba::replaced))
CAF_ADD_TYPE_ID(dabba, (dabba::set_timer))
CAF_ADD_TYPE_ID(dabba, (dabba::timer_due))
CAF_ADD_TYPE_ID(dabba, (dabba::tick))
CAF_ADD_TYPE_ID(dabba, (dabba::stop))
CAF_ADD_TYPE_ID(dabba, (dabba::may_forget))
CAF_ADD_TYPE_ID(dabba, (dabba::locate_partner))
CAF_ADD_TYPE_ID(dabba, (dabba::locate_matchmaker))
CAF_ADD_TYPE_ID(dabba, (dabba::session_actor))
CAF_ADD_TYPE_ID(dabba, (dabba::partner_actor))
CAF_ADD_TYPE_ID(dabba, (dabba::matchmaker_actor))
CAF_ADD_TYPE_ID(dabba, (std::vector<dabba::location>))

// Between nodes.
CAF_ADD_TYPE_ID(dabba, (dabba::publishing))
CAF_ADD_TYPE_ID(dabba, (dabba::hello))
CAF_ADD_TYPE_ID(dabba, (dabba::welcome))
CAF_ADD_TYPE_ID(dabba, (dabba::heartbeat))
CAF_ADD_TYPE_ID(dabba, (dabba::parcel))
CAF_ADD_TYPE_ID(dabba, (dabba::link_actor))
CAF_ADD_TYPE_ID(dabba, (dabba::gateway_actor))
CAF_ADD_TYPE_ID(dabba, (dabba::session_news))

// What came later.
CAF_ADD_TYPE_ID(dabba, (dabba::show_restaurant))
CAF_ADD_TYPE_ID(dabba, (dabba::forget_order_customer))
CAF_ADD_TYPE_ID(dabba, (dabba::order_customer_forgotten))

// Restaurants and menus.
CAF_ADD_TYPE_ID(dabba, (dabba::read_menu))
CAF_ADD_TYPE_ID(dabba, (dabba::not_sold))
CAF_ADD_TYPE_ID(dabba, (dabba::current_menu))
CAF_ADD_TYPE_ID(dabba, (dabba::changed_menu))
CAF_ADD_TYPE_ID(dabba, (dabba::change_profile))
CAF_ADD_TYPE_ID(dabba, (dabba::add_document))
CAF_ADD_TYPE_ID(dabba, (dabba::remove_document))
CAF_ADD_TYPE_ID(dabba, (dabba::set_hours))
CAF_ADD_TYPE_ID(dabba, (dabba::change_kitchen))
CAF_ADD_TYPE_ID(dabba, (dabba::set_delivery_area))
CAF_ADD_TYPE_ID(dabba, (dabba::change_menu_item))
CAF_ADD_TYPE_ID(dabba, (dabba::set_item_availability))
CAF_ADD_TYPE_ID(dabba, (dabba::remove_menu_item))
CAF_ADD_TYPE_ID(dabba, (dabba::add_category))
CAF_ADD_TYPE_ID(dabba, (dabba::rename_category))
CAF_ADD_TYPE_ID(dabba, (dabba::order_categories))
CAF_ADD_TYPE_ID(dabba, (dabba::remove_category))
CAF_ADD_TYPE_ID(dabba, (dabba::add_modifier_group))
CAF_ADD_TYPE_ID(dabba, (dabba::change_modifier_group))
CAF_ADD_TYPE_ID(dabba, (dabba::set_option_availability))
CAF_ADD_TYPE_ID(dabba, (dabba::remove_modifier_group))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_deactivated))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_reactivated))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_resubmitted))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_profile_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_document_added))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_document_removed))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_hours_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_kitchen_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::restaurant_delivery_area_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_item_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_item_availability_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_item_removed))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_category_added))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_category_renamed))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_categories_ordered))
CAF_ADD_TYPE_ID(dabba, (dabba::menu_category_removed))
CAF_ADD_TYPE_ID(dabba, (dabba::modifier_group_added))
CAF_ADD_TYPE_ID(dabba, (dabba::modifier_group_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::modifier_option_availability_changed))
CAF_ADD_TYPE_ID(dabba, (dabba::modifier_group_removed))

CAF_END_TYPE_ID_BLOCK(dabba)

CAF_ERROR_CODE_ENUM(dabba::errc)
