/// Every ceiling of the system in one place, checked against each other at compile time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dabba::limits {

using namespace std::chrono_literals;

// The edge.
inline constexpr std::size_t header_bytes = 16 * 1024;
inline constexpr std::size_t body_bytes = 256 * 1024;
inline constexpr std::size_t frame_bytes = 16 * 1024;
inline constexpr std::size_t connections = 20'000;
inline constexpr std::size_t requests_in_flight = 4096;  ///< per node; beyond: 503
inline constexpr std::size_t subscriptions_per_session = 512;
inline constexpr std::size_t subscriptions_per_guest = 8;    ///< without a token, on a node with an open city
inline constexpr std::size_t session_queue_messages = 1024;  ///< a reader that far behind is closed
inline constexpr std::size_t locations_per_batch = 100;
inline constexpr std::size_t idempotency_key_chars = 128;
inline constexpr std::size_t page_items_default = 50;
inline constexpr std::size_t page_items = 200;
inline constexpr auto request_deadline = 10s;
inline constexpr auto header_timeout = 15s;
inline constexpr auto keep_alive_timeout = 75s;
inline constexpr auto stream_auth_timeout = 10s;
inline constexpr auto stream_ping_interval = 25s;
inline constexpr auto token_lifetime = 15min;

// Text that people write.
inline constexpr std::size_t name_chars = 200;
inline constexpr std::size_t text_chars = 2000;
inline constexpr std::size_t lines_per_order = 100;
inline constexpr std::int32_t quantity_per_line = 99;
inline constexpr std::int64_t amount_minor = 100'000'000'00;      ///< one price, in minor units
inline constexpr std::int64_t order_minor = 100'000'000'000'000;  ///< all lines of an order, in minor units
inline constexpr std::size_t priced_options_per_line = 100;
inline constexpr std::size_t items_per_menu = 2000;
inline constexpr std::int32_t preparation_minutes = 240;

// Accounts.
inline constexpr std::size_t email_chars = 254;
inline constexpr std::size_t password_chars_least = 8;
inline constexpr std::size_t password_chars = 128;
inline constexpr std::size_t language_chars = 35;
inline constexpr std::size_t addresses_per_account = 50;
inline constexpr std::size_t sessions_per_account = 20;        ///< beyond, the one unused for longest ends
inline constexpr auto session_unused = std::chrono::days{30};  ///< real time, as all that concerns sessions
inline constexpr auto session_lifetime = std::chrono::days{180};
inline constexpr auto rotation_patience = 10min;   ///< for a client to repeat a refresh whose answer was lost
inline constexpr std::size_t hashes_waiting = 64;  ///< passwords to be hashed, per node; beyond: overloaded
inline constexpr int failed_logins = 10;           ///< of an account from one network, at once, on all nodes together
inline constexpr int failed_logins_of_account = 100;  ///< the same, from all networks
inline constexpr int failed_logins_of_network = 100;  ///< the same, of one client address, whatever the accounts
inline constexpr auto login_window = 15min;           ///< after which all of them are there again
inline constexpr int logins_under_way = 16;           ///< of an account from one network, per node
inline constexpr unsigned bulk_requests = 20;         ///< exports and deletions of one caller, at once
inline constexpr auto bulk_window = 60s;              ///< after which all of them are there again
inline constexpr std::size_t export_bytes = 4 << 20;  ///< of one answer; the rest comes with the next
inline constexpr std::size_t orders_forgotten_at_once = 200;  ///< of a customer who goes; the rest with the next call
inline constexpr std::size_t callers_counted = 100'000;       ///< per node and class of routes
inline constexpr std::size_t token_keys = 16;

// Restaurants and menus.
inline constexpr std::size_t menu_text_bytes = 2 << 20;  ///< names and descriptions of one menu
inline constexpr std::size_t categories_per_menu = 200;
inline constexpr std::size_t groups_per_menu = 500;
inline constexpr std::size_t groups_per_item = 20;
inline constexpr std::size_t options_per_group = 50;
inline constexpr std::size_t choices_per_line = 50;
inline constexpr std::size_t choices_per_order = 500;  ///< each keeps the names of its option and group
inline constexpr std::size_t documents_per_restaurant = 20;
inline constexpr std::size_t document_text_chars = 500;  ///< its reference, its note
inline constexpr std::size_t weekly_spans = 42;          ///< six a day
inline constexpr std::size_t holidays = 400;
inline constexpr std::size_t holiday_name_chars = 60;
inline constexpr std::size_t spans_per_holiday = 6;
inline constexpr std::int32_t days_looked_ahead = 400;  ///< for the next opening
inline constexpr std::size_t area_corners = 200;
inline constexpr double area_metres = 100'000;  ///< how far from its restaurant an area reaches
inline constexpr std::int32_t busy_minutes = 240;
inline constexpr std::int32_t accept_minutes = 240;
inline constexpr std::int32_t orders_per_slot = 10'000;
inline constexpr std::int32_t slot_minutes = 1440;
inline constexpr std::size_t rendered_menu_bytes = 128 << 20;  ///< per node, of all menus it keeps

// Promotions.
inline constexpr std::size_t code_chars = 32;
inline constexpr std::size_t restaurants_per_promotion = 500;
inline constexpr std::size_t foods_per_selection = 200;  ///< items, and categories
inline constexpr std::size_t parts_per_combo = 8;
inline constexpr std::int32_t pieces_per_promotion = 20;    ///< bought, got, or of a combo's part
inline constexpr std::int32_t rounds_per_promotion = 20;    ///< how often one is applied to the same order
inline constexpr std::size_t deals = 1000;                  ///< on at the same time, of all restaurants
inline constexpr auto deals_remembered = 1s;                ///< real time; a node sees what another changed after it
inline constexpr std::size_t deals_considered = 20;         ///< for one order; those that end first
inline constexpr std::size_t promotions_per_order = 2;      ///< a deal and a coupon
inline constexpr std::int32_t uses_per_customer = 1000;     ///< the highest limit of one customer
inline constexpr std::int64_t redemptions = 1'000'000'000;  ///< the highest limit of a promotion

// Entities.
inline constexpr std::size_t stashed_commands = 1100;   ///< per entity, while a write is in flight
inline constexpr std::size_t remembered_commands = 32;  ///< per entity, for repeats
inline constexpr std::size_t subscribers_per_entity = 256;
inline constexpr std::size_t guests_per_entity =
    192;  ///< of them without a token: nobody shuts out the order's own people
inline constexpr std::size_t watchers_per_city = 4096;
inline constexpr auto answers_kept = 24h;            ///< platform time; a key used again later is a new one
inline constexpr std::size_t wrong_pins = 5;         ///< per order; beyond, one for each pause
inline constexpr auto pause_after_wrong_pins = 60s;  ///< real time
inline constexpr auto tick_interval = 50ms;          ///< real time; the resolution of every deadline
inline constexpr int hops = 5;
inline constexpr std::uint16_t shards_default = 256;
inline constexpr std::uint16_t shards = 4096;

// Dispatch.
inline constexpr std::size_t orders_per_job = 4;
inline constexpr std::size_t slots_per_partner = 8;
inline constexpr std::size_t open_offers_per_partner = 5;
inline constexpr std::size_t partners_per_wave = 1024;  ///< what an operator may set; 3 to 5 in service
inline constexpr auto remind_interval = 5s;  ///< real time; how often an order tells its matchmaker and carrier again
inline constexpr std::size_t missed_reminders = 4;   ///< after which a search is over
inline constexpr std::size_t waves_remembered = 64;  ///< per search, the latest

// Between nodes.
inline constexpr std::size_t questions_per_parcel = 512;
inline constexpr std::size_t parcel_bytes = 1 << 20;      ///< then the next begins; one that is larger goes alone
inline constexpr std::size_t waiting_bytes = 64 << 20;    ///< per link, of questions and of answers; beyond: overloaded
inline constexpr std::size_t unhandled_bytes = 16 << 20;  ///< per link: sent, and not yet said to be passed on
inline constexpr std::size_t parcels_unhandled = 64;      ///< per link: sent, and not yet said to be passed on
inline constexpr std::size_t questions_waiting = 20'000;  ///< per link, unsent; beyond: overloaded
inline constexpr std::size_t answers_awaited = 10'000;    ///< per link; beyond: overloaded
inline constexpr std::size_t parked_commands = 10'000;    ///< per node, for shards that are on their way
inline constexpr auto parking_patience =
    4s;  ///< then 503: longer than a shard takes to move, unless its owner is stuck

// The journal.
inline constexpr std::size_t commands_per_batch = 256;
inline constexpr std::size_t events_per_command = 8;
inline constexpr std::size_t queued_commands = 20'000;  ///< per writer; beyond: overloaded
inline constexpr auto retake_patience = 30s;            ///< longer than the store's own for its start
inline constexpr auto store_patience = 2s;              ///< how long commands wait for a database that is away
inline constexpr auto lock_patience = 1s;               ///< how long a statement waits for a row that another holds

static_assert(slots_per_partner >= 2 * orders_per_job, "a partner holds the job under way and the next one");
static_assert(stashed_commands > partners_per_wave, "every partner asked may answer at once");
static_assert(page_items_default <= page_items);
static_assert(menu_text_bytes < waiting_bytes, "a menu can go to another node");
static_assert(menu_text_bytes < rendered_menu_bytes, "and be kept there");
static_assert(choices_per_line >= options_per_group, "all toppings can be had at once");
static_assert(static_cast<std::int64_t>(lines_per_order) * quantity_per_line * amount_minor <= order_minor);
static_assert(requests_in_flight + stashed_commands < queued_commands);
static_assert(lock_patience < store_patience && store_patience < request_deadline);
static_assert(parking_patience < request_deadline);
static_assert(password_chars_least < password_chars);
static_assert(failed_logins < failed_logins_of_account, "a stranger elsewhere shuts nobody out");
static_assert(rotation_patience < token_lifetime, "a client that got its token has no reason to ask again so soon");
static_assert(session_unused < session_lifetime && token_lifetime < session_unused);
static_assert(requests_in_flight < answers_awaited, "the edge refuses first");

}  // namespace dabba::limits
