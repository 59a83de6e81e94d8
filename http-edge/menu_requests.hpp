/// The bodies of requests about menus. New items, categories, groups and options get their ids from the handlers.
#pragma once

#include "http-edge/requests.hpp"

namespace dabba::http {

read_result<menu_item> read_menu_item(const json_value& body);
read_result<change_menu_item> read_item_change(const json_value& body);
/// Without a present any time may be one of return.
read_result<item_availability> read_item_availability(const json_value& body, std::optional<instant> now);
/// A category's name.
read_result<std::string> read_category_name(const json_value& body);
read_result<std::vector<category_id>> read_category_order(const json_value& body);
read_result<modifier_group> read_group(const json_value& body);
read_result<change_modifier_group> read_group_change(const json_value& body);

}  // namespace dabba::http
