/// What the API shows of restaurants and menus.
#pragma once

#include "http-edge/views.hpp"

namespace dabba::http {

/// The kitchen's settings are for those who run the restaurant.
enum class restaurant_audience : std::uint8_t { everybody, its_own };

std::string restaurant_json(const restaurant& x, restaurant_audience to, instant now);
/// The version, and when a closed restaurant opens: the answer changes with both.
std::string restaurant_tag(const restaurant& x, instant now);
std::string document_json(const restaurant_document& x);
std::string documents_json(const restaurant& x);

/// What is not available says when it returns, and is available from then on.
std::string menu_json(const current_menu& x);
std::string menu_tag(menu_stamp x);
std::string item_json(const menu_item& x, instant now);
std::string category_json(const menu_category& x);
std::string categories_json(const std::vector<menu_category>& x);
std::string group_json(const modifier_group& x, instant now);

}  // namespace dabba::http
