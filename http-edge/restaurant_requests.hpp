/// The bodies of requests about a restaurant and its settings.
#pragma once

#include "http-edge/requests.hpp"

namespace dabba::http {

/// The owner is filled in by the handler.
read_result<restaurant_profile> read_profile(const json_value& body);
read_result<change_profile> read_restaurant_change(const json_value& body);
read_result<verify_restaurant> read_verification(const json_value& body);
read_result<restaurant_status> read_restaurant_status(const json_value& body);
/// Its id is filled in by the handler.
read_result<restaurant_document> read_document(const json_value& body);
read_result<opening_hours> read_hours(const json_value& body);
read_result<change_kitchen> read_kitchen(const json_value& body);
read_result<delivery_area> read_area(const json_value& body);

}  // namespace dabba::http
