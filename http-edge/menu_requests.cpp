#include "http-edge/menu_requests.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

std::int32_t read_bound(fields& in, std::string_view key, std::int32_t least, std::int32_t otherwise) {
  auto found = in.integer(key, least, static_cast<std::int64_t>(limits::options_per_group), presence::optional);
  return static_cast<std::int32_t>(found.value_or(otherwise));
}

enum class options_of : std::uint8_t { new_group, known_group };

std::vector<wanted_option> read_options(fields& in, options_of what) {
  std::vector<wanted_option> made;
  for (auto& each : in.list("options", 1, limits::options_per_group)) {
    wanted_option one;
    one.is_new = what == options_of::new_group || !each.has("optionId");
    if (!one.is_new) one.id = each.identifier<option_id>("optionId");
    if (one.is_new || each.has("name")) one.name = each.text("name", limits::name_chars);
    one.price = each.money("price", minor_units{0}, presence::optional);
    one.is_available = each.boolean("isAvailable");
    made.push_back(std::move(one));
  }
  return made;
}

}  // namespace

read_result<menu_item> read_menu_item(const json_value& body) {
  return read_object(body, [](fields& in) {
    menu_item made;
    made.name = in.text("name", limits::name_chars);
    made.description = in.text("description", limits::text_chars, presence::optional);
    made.category = in.text("category", limits::name_chars, presence::optional);
    made.type = in.one_of<food_type>("type", presence::required).value_or(made.type);
    made.price = in.money("price", minor_units{0}, presence::required).value_or(minor_units{});
    made.money = in.one_of<currency>("currency", presence::required).value_or(made.money);
    made.available.is_set = in.boolean("isAvailable").value_or(true);
    made.groups = in.identifiers<group_id>("modifierGroups", limits::groups_per_item, presence::optional);
    return made;
  });
}

read_result<change_menu_item> read_item_change(const json_value& body) {
  return read_object(body, [](fields& in) {
    change_menu_item made;
    if (in.has("name")) made.name = in.text("name", limits::name_chars);
    if (in.has("description")) made.description = in.text("description", limits::text_chars, presence::optional);
    if (in.has("category")) made.category = in.text("category", limits::name_chars, presence::optional);
    made.type = in.one_of<food_type>("type", presence::optional);
    made.price = in.money("price", minor_units{0}, presence::optional);
    made.money = in.one_of<currency>("currency", presence::optional);
    made.is_available = in.boolean("isAvailable");
    if (in.has("modifierGroups")) made.groups = in.identifiers<group_id>("modifierGroups", limits::groups_per_item);
    return made;
  });
}

read_result<item_availability> read_item_availability(const json_value& body, std::optional<instant> now) {
  return read_object(body, [now](fields& in) {
    item_availability made;
    if (!in.has("isAvailable")) in.refuse("isAvailable", "missing", "is required");
    made.is_set = in.boolean("isAvailable").value_or(true);
    made.back_at = in.time("until", presence::optional);
    if (made.back_at && made.is_set) in.refuse("until", "unexpected", "is for what is not available");
    if (made.back_at && now && *made.back_at <= *now) in.refuse("until", "out-of-range", "must be in the future");
    return made;
  });
}

read_result<std::string> read_category_name(const json_value& body) {
  return read_object(body, [](fields& in) { return in.text("name", limits::name_chars); });
}

read_result<std::vector<category_id>> read_category_order(const json_value& body) {
  return read_object(
      body, [](fields& in) { return in.identifiers<category_id>("categories", limits::categories_per_menu); });
}

read_result<modifier_group> read_group(const json_value& body) {
  return read_object(body, [](fields& in) {
    modifier_group made;
    made.name = in.text("name", limits::name_chars);
    made.least = read_bound(in, "minimum", 0, made.least);
    made.most = read_bound(in, "maximum", 1, std::max(made.least, made.most));
    for (const auto& each : read_options(in, options_of::new_group))
      made.options.push_back(
          {{}, *each.name, each.price.value_or(minor_units{}), {each.is_available.value_or(true), {}}});
    auto count = static_cast<std::int32_t>(made.options.size());
    if (count > 0 && made.most > count) in.refuse("maximum", "out-of-range", "must not be more than there are options");
    if (made.least > made.most) in.refuse("minimum", "out-of-range", "must not be more than the maximum");
    return made;
  });
}

read_result<change_modifier_group> read_group_change(const json_value& body) {
  return read_object(body, [](fields& in) {
    change_modifier_group made;
    if (in.has("name")) made.name = in.text("name", limits::name_chars);
    if (in.has("minimum")) made.least = read_bound(in, "minimum", 0, 0);
    if (in.has("maximum")) made.most = read_bound(in, "maximum", 1, 1);
    if (in.has("options")) made.options = read_options(in, options_of::known_group);
    return made;
  });
}

}  // namespace dabba::http
