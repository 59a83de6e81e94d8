/// What can be asked of a restaurant. Who may ask it is checked where it arrives (http-edge).
#pragma once

#include <variant>

#include "protocols/model/restaurant.hpp"

namespace dabba {

enum class verification_decision : std::uint8_t { approve, reject, deactivate, reactivate };
template <>
inline constexpr auto enum_names<verification_decision> =
    std::to_array<std::string_view>({"APPROVE", "REJECT", "DEACTIVATE", "REACTIVATE"});

/// A setting that may be left as it is, set, or taken away.
template <class T>
struct setting_change {
  bool is_sent = false;
  std::optional<T> to;

  void apply(std::optional<T>& setting) const {
    if (is_sent) setting = to;
  }
};

struct register_restaurant {
  restaurant_profile profile;
};
struct verify_restaurant {
  verification_decision decision = verification_decision::approve;
  std::string reason;
};
struct set_restaurant_status {
  restaurant_status status = restaurant_status::offline;
};
/// Only what is given changes.
struct change_profile {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<address> where;
  std::optional<contact> reach;
  std::optional<std::string> license_number;
  std::optional<std::string> gst;
  bool by_staff = false;
};
struct add_document {
  restaurant_document document;
};
struct remove_document {
  document_id document;
};
struct set_hours {
  std::optional<opening_hours> to;
};
/// Only what is given changes.
struct change_kitchen {
  setting_change<std::int32_t> preparation_minutes;
  setting_change<instant> busy_until;
  std::optional<std::int32_t> busy_minutes;
  std::optional<bool> accepts_itself;
  setting_change<std::int32_t> accept_minutes;
  setting_change<std::int32_t> orders_per_slot;
  std::optional<std::int32_t> slot_minutes;
};
struct set_delivery_area {
  std::optional<delivery_area> to;
};

// The menu.

struct add_menu_item {
  menu_item item;
};
/// Only what is given changes.
struct change_menu_item {
  item_id item;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> category;
  std::optional<food_type> type;
  std::optional<minor_units> price;
  std::optional<currency> money;
  std::optional<bool> is_available;
  std::optional<std::vector<group_id>> groups;
};
struct set_item_availability {
  item_id item;
  item_availability to;
};
struct remove_menu_item {
  item_id item;
};
struct add_category {
  menu_category category;
};
struct rename_category {
  category_id category;
  std::string name;
};
/// All there are, as they are to be shown.
struct order_categories {
  std::vector<category_id> categories;
};
/// Its items stay, and stand under none.
struct remove_category {
  category_id category;
};
struct add_modifier_group {
  modifier_group group;
};
/// One that is there already, of which only what is given changes, or a new one under the id it is to have.
struct wanted_option {
  option_id id;
  bool is_new = false;
  std::optional<std::string> name;   ///< a new one has one
  std::optional<minor_units> price;  ///< a new one without costs nothing more
  std::optional<bool> is_available;  ///< a new one without is available
};
/// Only what is given changes; options that are not among those given are removed.
struct change_modifier_group {
  group_id group;
  std::optional<std::string> name;
  std::optional<std::int32_t> least;
  std::optional<std::int32_t> most;
  std::optional<std::vector<wanted_option>> options;
};
struct set_option_availability {
  group_id group;
  option_id option;
  item_availability to;
};
struct remove_modifier_group {
  group_id group;
};

using restaurant_command =
    std::variant<register_restaurant, verify_restaurant, set_restaurant_status, change_profile, add_document,
                 remove_document, set_hours, change_kitchen, set_delivery_area, add_menu_item, change_menu_item,
                 set_item_availability, remove_menu_item, add_category, rename_category, order_categories,
                 remove_category, add_modifier_group, change_modifier_group, set_option_availability,
                 remove_modifier_group>;

template <class Inspector, class T>
bool inspect(Inspector& f, setting_change<T>& x) {
  return f.object(x).fields(f.field("isSent", x.is_sent), f.field("to", x.to));
}
template <class Inspector>
bool inspect(Inspector& f, register_restaurant& x) {
  return f.object(x).fields(f.field("profile", x.profile));
}
template <class Inspector>
bool inspect(Inspector& f, verify_restaurant& x) {
  return f.object(x).fields(f.field("decision", x.decision), f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, set_restaurant_status& x) {
  return f.object(x).fields(f.field("status", x.status));
}
template <class Inspector>
bool inspect(Inspector& f, change_profile& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("description", x.description), f.field("where", x.where),
                            f.field("contact", x.reach), f.field("licenseNumber", x.license_number),
                            f.field("gst", x.gst), f.field("byStaff", x.by_staff));
}
template <class Inspector>
bool inspect(Inspector& f, add_document& x) {
  return f.object(x).fields(f.field("document", x.document));
}
template <class Inspector>
bool inspect(Inspector& f, remove_document& x) {
  return f.object(x).fields(f.field("documentId", x.document));
}
template <class Inspector>
bool inspect(Inspector& f, set_hours& x) {
  return f.object(x).fields(f.field("to", x.to));
}
template <class Inspector>
bool inspect(Inspector& f, change_kitchen& x) {
  return f.object(x).fields(
      f.field("preparationMinutes", x.preparation_minutes), f.field("busyUntil", x.busy_until),
      f.field("busyMinutes", x.busy_minutes), f.field("acceptsItself", x.accepts_itself),
      f.field("acceptMinutes", x.accept_minutes), f.field("ordersPerSlot", x.orders_per_slot),
      f.field("slotMinutes", x.slot_minutes));
}
template <class Inspector>
bool inspect(Inspector& f, set_delivery_area& x) {
  return f.object(x).fields(f.field("to", x.to));
}
template <class Inspector>
bool inspect(Inspector& f, add_menu_item& x) {
  return f.object(x).fields(f.field("item", x.item));
}
template <class Inspector>
bool inspect(Inspector& f, change_menu_item& x) {
  return f.object(x).fields(
      f.field("itemId", x.item), f.field("name", x.name), f.field("description", x.description),
      f.field("category", x.category), f.field("type", x.type), f.field("price", x.price), f.field("currency", x.money),
      f.field("isAvailable", x.is_available), f.field("groups", x.groups));
}
template <class Inspector>
bool inspect(Inspector& f, set_item_availability& x) {
  return f.object(x).fields(f.field("itemId", x.item), f.field("to", x.to));
}
template <class Inspector>
bool inspect(Inspector& f, remove_menu_item& x) {
  return f.object(x).fields(f.field("itemId", x.item));
}
template <class Inspector>
bool inspect(Inspector& f, add_category& x) {
  return f.object(x).fields(f.field("category", x.category));
}
template <class Inspector>
bool inspect(Inspector& f, rename_category& x) {
  return f.object(x).fields(f.field("categoryId", x.category), f.field("name", x.name));
}
template <class Inspector>
bool inspect(Inspector& f, order_categories& x) {
  return f.object(x).fields(f.field("categories", x.categories));
}
template <class Inspector>
bool inspect(Inspector& f, remove_category& x) {
  return f.object(x).fields(f.field("categoryId", x.category));
}
template <class Inspector>
bool inspect(Inspector& f, add_modifier_group& x) {
  return f.object(x).fields(f.field("group", x.group));
}
template <class Inspector>
bool inspect(Inspector& f, wanted_option& x) {
  return f.object(x).fields(f.field("optionId", x.id), f.field("isNew", x.is_new), f.field("name", x.name),
                            f.field("price", x.price), f.field("isAvailable", x.is_available));
}
template <class Inspector>
bool inspect(Inspector& f, change_modifier_group& x) {
  return f.object(x).fields(f.field("groupId", x.group), f.field("name", x.name), f.field("least", x.least),
                            f.field("most", x.most), f.field("options", x.options));
}
template <class Inspector>
bool inspect(Inspector& f, set_option_availability& x) {
  return f.object(x).fields(f.field("groupId", x.group), f.field("optionId", x.option), f.field("to", x.to));
}
template <class Inspector>
bool inspect(Inspector& f, remove_modifier_group& x) {
  return f.object(x).fields(f.field("groupId", x.group));
}

}  // namespace dabba
