/// What the API shows of the model, and to whom.
#pragma once

#include <string>

#include "http-edge/json_writer.hpp"
#include "http-edge/tokens.hpp"
#include "protocols/messages.hpp"

namespace dabba::http {

/// Who looks at an order. The public sees no names of people, notes, address lines or PINs.
enum class audience : std::uint8_t { customer, restaurant, partner, staff, everybody };

void put_point(json_object& out, geo_point x);
/// Empty: nothing is written.
void put_text(json_object& out, std::string_view key, const std::string& text);

/// What was ordered, by whom, from where to where, for how much.
void put_terms(json_object& out, const order& x, audience to);
void put_order(json_object& out, const order& x, audience to);
std::string order_json(const order& x, audience to);
std::string order_status_json(const order& x);
std::string partner_json(const partner& x);
std::string search_json(const search_record& x);
std::string located_json(const located_partner& x);
std::string zones_json(const zone_list& x);

void put_offer(json_object& out, const offer& x);
/// A delivery as the order's partner sees it.
void put_delivery(json_object& out, const order& x);
std::string delivery_json(const order& x);

/// The `data` of an event. `of_order` is named in the feed of a restaurant.
std::string event_data(const any_event& x, audience to, std::optional<order_id> of_order = std::nullopt);
/// The order as it was placed, from its first event.
order placed_order(order_id id, const order_placed& x, instant at);

/// The members of a city frame below `type`, `topic` and `seq`.
void put_city(json_object& out, const city_update& x, double scale);

}  // namespace dabba::http
