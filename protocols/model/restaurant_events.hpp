/// What can happen to a restaurant and its menu: the events of its journal. Each names its type and payload version; a
/// reader accepts every version ever written (tests/protocols/golden).
#pragma once

#include <variant>

#include "protocols/model/restaurant.hpp"

namespace dabba {

struct restaurant_registered {
  static constexpr std::string_view type = "restaurant.registered";
  restaurant_profile profile;
};
struct restaurant_verified {
  static constexpr std::string_view type = "restaurant.verified";
  verification_status outcome = verification_status::active;
  std::string reason;
};
/// By an operator; it is offline from then on.
struct restaurant_deactivated {
  static constexpr std::string_view type = "restaurant.deactivated";
  std::string reason;
};
struct restaurant_reactivated {
  static constexpr std::string_view type = "restaurant.reactivated";
};
/// It had been rejected, and was corrected: it waits to be verified again.
struct restaurant_resubmitted {
  static constexpr std::string_view type = "restaurant.resubmitted";
};
struct restaurant_status_changed {
  static constexpr std::string_view type = "restaurant.status_changed";
  restaurant_status status = restaurant_status::offline;
};
struct restaurant_profile_changed {
  static constexpr std::string_view type = "restaurant.profile_changed";
  restaurant_profile profile;
};
struct restaurant_document_added {
  static constexpr std::string_view type = "restaurant.document_added";
  restaurant_document document;
};
struct restaurant_document_removed {
  static constexpr std::string_view type = "restaurant.document_removed";
  document_id document;
};
struct restaurant_hours_changed {
  static constexpr std::string_view type = "restaurant.hours_changed";
  std::optional<opening_hours> hours;
};
struct restaurant_kitchen_changed {
  static constexpr std::string_view type = "restaurant.kitchen_changed";
  kitchen_settings kitchen;
};
struct restaurant_delivery_area_changed {
  static constexpr std::string_view type = "restaurant.delivery_area_changed";
  std::optional<delivery_area> area;
};

struct menu_item_added {
  static constexpr std::string_view type = "restaurant.menu_item_added";
  static constexpr std::int32_t version = 2;  ///< 1: without groups
  menu_item item;
};
struct menu_item_changed {
  static constexpr std::string_view type = "restaurant.menu_item_changed";
  menu_item item;
};
struct menu_item_availability_changed {
  static constexpr std::string_view type = "restaurant.menu_item_availability_changed";
  item_id item;
  item_availability available;
};
struct menu_item_removed {
  static constexpr std::string_view type = "restaurant.menu_item_removed";
  item_id item;
};
struct menu_category_added {
  static constexpr std::string_view type = "restaurant.menu_category_added";
  menu_category category;
};
struct menu_category_renamed {
  static constexpr std::string_view type = "restaurant.menu_category_renamed";
  category_id category;
  std::string name;
};
struct menu_categories_ordered {
  static constexpr std::string_view type = "restaurant.menu_categories_ordered";
  std::vector<category_id> categories;
};
struct menu_category_removed {
  static constexpr std::string_view type = "restaurant.menu_category_removed";
  category_id category;
};
struct modifier_group_added {
  static constexpr std::string_view type = "restaurant.modifier_group_added";
  modifier_group group;
};
struct modifier_group_changed {
  static constexpr std::string_view type = "restaurant.modifier_group_changed";
  modifier_group group;
};
struct modifier_option_availability_changed {
  static constexpr std::string_view type = "restaurant.modifier_option_availability_changed";
  group_id group;
  option_id option;
  item_availability available;
};
struct modifier_group_removed {
  static constexpr std::string_view type = "restaurant.modifier_group_removed";
  group_id group;
};

using restaurant_event = std::variant<
    restaurant_registered, restaurant_verified, restaurant_deactivated, restaurant_reactivated, restaurant_resubmitted,
    restaurant_status_changed, restaurant_profile_changed, restaurant_document_added, restaurant_document_removed,
    restaurant_hours_changed, restaurant_kitchen_changed, restaurant_delivery_area_changed, menu_item_added,
    menu_item_changed, menu_item_availability_changed, menu_item_removed, menu_category_added, menu_category_renamed,
    menu_categories_ordered, menu_category_removed, modifier_group_added, modifier_group_changed,
    modifier_option_availability_changed, modifier_group_removed>;

template <class Inspector>
bool inspect(Inspector& f, restaurant_registered& x) {
  return f.object(x).fields(f.field("profile", x.profile));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_verified& x) {
  return f.object(x).fields(f.field("outcome", x.outcome), f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_deactivated& x) {
  return f.object(x).fields(f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_reactivated& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_resubmitted& x) {
  return f.object(x).fields();
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_status_changed& x) {
  return f.object(x).fields(f.field("status", x.status));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_profile_changed& x) {
  return f.object(x).fields(f.field("profile", x.profile));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_document_added& x) {
  return f.object(x).fields(f.field("document", x.document));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_document_removed& x) {
  return f.object(x).fields(f.field("documentId", x.document));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_hours_changed& x) {
  return f.object(x).fields(f.field("hours", x.hours));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_kitchen_changed& x) {
  return f.object(x).fields(f.field("kitchen", x.kitchen));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_delivery_area_changed& x) {
  return f.object(x).fields(f.field("deliveryArea", x.area));
}
template <class Inspector>
bool inspect(Inspector& f, menu_item_added& x) {
  return f.object(x).fields(f.field("item", x.item));
}
template <class Inspector>
bool inspect(Inspector& f, menu_item_changed& x) {
  return f.object(x).fields(f.field("item", x.item));
}
template <class Inspector>
bool inspect(Inspector& f, menu_item_availability_changed& x) {
  return f.object(x).fields(f.field("itemId", x.item), f.field("available", x.available));
}
template <class Inspector>
bool inspect(Inspector& f, menu_item_removed& x) {
  return f.object(x).fields(f.field("itemId", x.item));
}
template <class Inspector>
bool inspect(Inspector& f, menu_category_added& x) {
  return f.object(x).fields(f.field("category", x.category));
}
template <class Inspector>
bool inspect(Inspector& f, menu_category_renamed& x) {
  return f.object(x).fields(f.field("categoryId", x.category), f.field("name", x.name));
}
template <class Inspector>
bool inspect(Inspector& f, menu_categories_ordered& x) {
  return f.object(x).fields(f.field("categories", x.categories));
}
template <class Inspector>
bool inspect(Inspector& f, menu_category_removed& x) {
  return f.object(x).fields(f.field("categoryId", x.category));
}
template <class Inspector>
bool inspect(Inspector& f, modifier_group_added& x) {
  return f.object(x).fields(f.field("group", x.group));
}
template <class Inspector>
bool inspect(Inspector& f, modifier_group_changed& x) {
  return f.object(x).fields(f.field("group", x.group));
}
template <class Inspector>
bool inspect(Inspector& f, modifier_option_availability_changed& x) {
  return f.object(x).fields(
      f.field("groupId", x.group), f.field("optionId", x.option), f.field("available", x.available));
}
template <class Inspector>
bool inspect(Inspector& f, modifier_group_removed& x) {
  return f.object(x).fields(f.field("groupId", x.group));
}

}  // namespace dabba
