/// A restaurant and its menu: state, commands and events.
#pragma once

#include <variant>

#include "protocols/model/order.hpp"

namespace dabba {

enum class verification_status : std::uint8_t { pending_verification, active, rejected, inactive };
template <>
inline constexpr auto enum_names<verification_status> =
    std::to_array<std::string_view>({"PENDING_VERIFICATION", "ACTIVE", "REJECTED", "INACTIVE"});

enum class restaurant_status : std::uint8_t { offline, online };
template <>
inline constexpr auto enum_names<restaurant_status> = std::to_array<std::string_view>({"OFFLINE", "ONLINE"});

enum class food_type : std::uint8_t { veg, non_veg };
template <>
inline constexpr auto enum_names<food_type> = std::to_array<std::string_view>({"VEG", "NON_VEG"});

enum class verification_decision : std::uint8_t { approve, reject };
template <>
inline constexpr auto enum_names<verification_decision> = std::to_array<std::string_view>({"APPROVE", "REJECT"});

struct contact {
  std::string phone;
  std::string email;
  friend bool operator==(const contact&, const contact&) = default;
};

struct restaurant_profile {
  user_id owner;
  std::string name;
  std::string description;
  address where;
  contact reach;
  std::string license_number;
  std::string gst;
  friend bool operator==(const restaurant_profile&, const restaurant_profile&) = default;
};

struct menu_item {
  item_id id;
  std::string name;
  std::string description;
  std::string category;
  food_type type = food_type::veg;
  minor_units price;
  currency money = currency::INR;
  bool is_available = true;
  friend bool operator==(const menu_item&, const menu_item&) = default;
};

struct restaurant {
  restaurant_id id;
  std::uint64_t version = 0;
  restaurant_profile profile;
  verification_status verification = verification_status::pending_verification;
  restaurant_status status = restaurant_status::offline;
  std::string rejection_reason;
  std::vector<menu_item> menu;
  std::vector<command_id> recent;  ///< the latest commands that took effect: a repeat changes nothing
  friend bool operator==(const restaurant&, const restaurant&) = default;
};

// Commands.

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
struct add_menu_item {
  menu_item item;
};

using restaurant_command = std::variant<register_restaurant, verify_restaurant, set_restaurant_status, add_menu_item>;

// Events.

struct restaurant_registered {
  static constexpr std::string_view type = "restaurant.registered";
  restaurant_profile profile;
};
struct restaurant_verified {
  static constexpr std::string_view type = "restaurant.verified";
  verification_status outcome = verification_status::active;
  std::string reason;
};
struct restaurant_status_changed {
  static constexpr std::string_view type = "restaurant.status_changed";
  restaurant_status status = restaurant_status::offline;
};
struct menu_item_added {
  static constexpr std::string_view type = "restaurant.menu_item_added";
  menu_item item;
};

using restaurant_event =
    std::variant<restaurant_registered, restaurant_verified, restaurant_status_changed, menu_item_added>;

template <class Inspector>
bool inspect(Inspector& f, contact& x) {
  return f.object(x).fields(f.field("phone", x.phone), f.field("email", x.email));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_profile& x) {
  return f.object(x).fields(f.field("owner", x.owner), f.field("name", x.name), f.field("description", x.description),
                            f.field("where", x.where), f.field("contact", x.reach),
                            f.field("licenseNumber", x.license_number), f.field("gst", x.gst));
}
template <class Inspector>
bool inspect(Inspector& f, menu_item& x) {
  return f.object(x).fields(f.field("itemId", x.id), f.field("name", x.name), f.field("description", x.description),
                            f.field("category", x.category), f.field("type", x.type), f.field("price", x.price),
                            f.field("currency", x.money), f.field("isAvailable", x.is_available));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant& x) {
  return f.object(x).fields(
      f.field("restaurantId", x.id), f.field("version", x.version), f.field("profile", x.profile),
      f.field("verification", x.verification), f.field("status", x.status),
      f.field("rejectionReason", x.rejection_reason), f.field("menu", x.menu), f.field("recent", x.recent));
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
bool inspect(Inspector& f, add_menu_item& x) {
  return f.object(x).fields(f.field("item", x.item));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_registered& x) {
  return f.object(x).fields(f.field("profile", x.profile));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_verified& x) {
  return f.object(x).fields(f.field("outcome", x.outcome), f.field("reason", x.reason));
}
template <class Inspector>
bool inspect(Inspector& f, restaurant_status_changed& x) {
  return f.object(x).fields(f.field("status", x.status));
}
template <class Inspector>
bool inspect(Inspector& f, menu_item_added& x) {
  return f.object(x).fields(f.field("item", x.item));
}

}  // namespace dabba
