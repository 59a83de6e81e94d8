/// A restaurant and its menu as its actor holds them: the fold of its events.
#pragma once

#include "protocols/model/kitchen.hpp"
#include "protocols/model/menu.hpp"
#include "protocols/model/opening_hours.hpp"
#include "protocols/model/order.hpp"
#include "protocols/model/snapshot.hpp"

namespace dabba {

enum class verification_status : std::uint8_t { pending_verification, active, rejected, inactive };
template <>
inline constexpr auto enum_names<verification_status> =
    std::to_array<std::string_view>({"PENDING_VERIFICATION", "ACTIVE", "REJECTED", "INACTIVE"});

enum class restaurant_status : std::uint8_t { offline, online };
template <>
inline constexpr auto enum_names<restaurant_status> = std::to_array<std::string_view>({"OFFLINE", "ONLINE"});

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

enum class document_kind : std::uint8_t { food_licence, tax_registration, identity, bank_account, other };
template <>
inline constexpr auto enum_names<document_kind> =
    std::to_array<std::string_view>({"FOOD_LICENCE", "TAX_REGISTRATION", "IDENTITY", "BANK_ACCOUNT", "OTHER"});

/// A paper that whoever verifies the restaurant looks at. Nobody but its owner and operators sees it.
struct restaurant_document {
  document_id id;
  document_kind kind = document_kind::other;
  std::string number;
  std::string reference;  ///< where it can be seen
  std::string note;
  std::optional<local_date> expires_on;
  friend bool operator==(const restaurant_document&, const restaurant_document&) = default;
};

/// All but the menu.
struct restaurant {
  restaurant_id id;
  std::uint64_t version = 0;  ///< number of events so far, of the menu's too; 0: not registered
  restaurant_profile profile;
  verification_status verification = verification_status::pending_verification;
  restaurant_status status = restaurant_status::offline;
  std::string rejection_reason;  ///< why it was rejected, or is inactive
  std::vector<restaurant_document> documents;
  std::optional<opening_hours> hours;  ///< absent: always
  kitchen_settings kitchen;
  std::optional<delivery_area> area;  ///< absent: everywhere
  std::vector<command_id> recent;     ///< the latest commands that took effect: a repeat changes nothing
  friend bool operator==(const restaurant&, const restaurant&) = default;
};

/// The whole state. Copies share the menu, which may be large.
struct restaurant_with_menu {
  restaurant about;
  snapshot<dabba::menu> menu;
  friend bool operator==(const restaurant_with_menu&, const restaurant_with_menu&) = default;
};

/// True while it is verified and says that it takes orders.
bool is_online(const restaurant& x) noexcept;
/// True while it is online and within its hours.
bool takes_orders(const restaurant& x, instant now);
/// When a restaurant that is online, but outside its hours, takes orders again, where that is known.
std::optional<instant> takes_orders_again(const restaurant& x, instant now);

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
bool inspect(Inspector& f, restaurant_document& x) {
  return f.object(x).fields(
      f.field("documentId", x.id), f.field("kind", x.kind), f.field("number", x.number),
      f.field("reference", x.reference), f.field("note", x.note), f.field("expiresOn", x.expires_on));
}

/// What its first version did not have may be absent.
template <class Inspector, class... More>
bool inspect_restaurant(Inspector& f, restaurant& x, More&&... more) {
  return f.object(x).fields(
      f.field("restaurantId", x.id), f.field("version", x.version), f.field("profile", x.profile),
      f.field("verification", x.verification), f.field("status", x.status),
      f.field("rejectionReason", x.rejection_reason),
      f.field("documents", x.documents).fallback(std::vector<restaurant_document>{}), f.field("hours", x.hours),
      f.field("kitchen", x.kitchen).fallback(kitchen_settings{}), f.field("deliveryArea", x.area),
      f.field("recent", x.recent), std::forward<More>(more)...);
}
template <class Inspector>
bool inspect(Inspector& f, restaurant& x) {
  return inspect_restaurant(f, x);
}

/// One object with the fields of both. A state from before there were categories lists those that its items name.
template <class Inspector>
bool inspect(Inspector& f, restaurant_with_menu& x) {
  auto inspect_both = [&](menu& offered) {
    return inspect_restaurant(f, x.about, f.field("menu", offered.items),
                              f.field("categories", offered.categories).fallback(std::vector<menu_category>{}),
                              f.field("groups", offered.groups).fallback(std::vector<modifier_group>{}));
  };
  if constexpr (Inspector::is_loading) {
    menu offered;
    if (!inspect_both(offered)) return false;
    for (const auto& item : offered.items) list_category(offered, item.category, x.about.id.value);
    x.menu = std::move(offered);
    return true;
  } else {
    return inspect_both(const_cast<menu&>(*x.menu));  // nothing is written to it: CAF's inspectors want it so
  }
}

}  // namespace dabba
