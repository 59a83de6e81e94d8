/// What a restaurant sells: items, the categories they stand under, and the choices that come with them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "protocols/model/ids.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/money.hpp"

namespace dabba {

enum class food_type : std::uint8_t { veg, non_veg };
template <>
inline constexpr auto enum_names<food_type> = std::to_array<std::string_view>({"VEG", "NON_VEG"});

/// Whether something can be had. What comes back by itself is back from that time on: nothing has to happen for it.
struct item_availability {
  bool is_set = true;
  std::optional<instant> back_at;  ///< only of what is not available
  friend bool operator==(const item_availability&, const item_availability&) = default;
  [[nodiscard]] bool at(instant now) const noexcept { return is_set || (back_at && *back_at <= now); }
};

struct menu_category {
  category_id id;
  std::string name;  ///< no other has it
  friend bool operator==(const menu_category&, const menu_category&) = default;
};

/// A size, a crust, a topping.
struct modifier_option {
  option_id id;
  std::string name;
  minor_units price;  ///< beside the item's own, in its currency
  item_availability available;
  friend bool operator==(const modifier_option&, const modifier_option&) = default;
};

/// Who orders an item of this group chooses so many of its options.
struct modifier_group {
  group_id id;
  std::string name;
  std::int32_t least = 0;
  std::int32_t most = 1;
  std::vector<modifier_option> options;
  friend bool operator==(const modifier_group&, const modifier_group&) = default;
};

struct menu_item {
  item_id id;
  std::string name;
  std::string description;
  std::string category;  ///< its name; empty for none
  food_type type = food_type::veg;
  minor_units price;
  currency money = currency::INR;
  item_availability available{};
  std::vector<group_id> groups{};
  friend bool operator==(const menu_item&, const menu_item&) = default;
};

/// The name of an item's category is always among `categories`, the id of its group among `groups`.
struct menu {
  std::vector<menu_category> categories;  ///< as they are shown
  std::vector<modifier_group> groups;
  std::vector<menu_item> items;
  friend bool operator==(const menu&, const menu&) = default;
};

/// A version of a menu as it is at some time: with each return of something that was not to be had it is another.
struct menu_stamp {
  std::uint64_t version = 0;   ///< of the restaurant
  std::uint32_t returned = 0;  ///< so many things are back by themselves
  friend auto operator<=>(const menu_stamp&, const menu_stamp&) = default;
};

/// The one of this id; nothing when there is none.
template <class Range, class Id>
auto find_by_id(Range& all, const Id& id) noexcept -> decltype(&*all.begin()) {
  auto found = std::ranges::find_if(all, [&](const auto& x) { return x.id == id; });
  return found == all.end() ? nullptr : &*found;
}

/// Lists the category `name` when it is not yet, under an id made from it and `of`.
void list_category(menu& x, const std::string& name, const uuid& of);

/// Every length of text there is, in bytes: what the menu takes.
std::size_t text_bytes(const menu& x) noexcept;

template <class Inspector>
bool inspect(Inspector& f, item_availability& x) {
  return f.object(x).fields(f.field("isSet", x.is_set), f.field("backAt", x.back_at));
}
template <class Inspector>
bool inspect(Inspector& f, menu_category& x) {
  return f.object(x).fields(f.field("categoryId", x.id), f.field("name", x.name));
}
template <class Inspector>
bool inspect(Inspector& f, modifier_option& x) {
  return f.object(x).fields(
      f.field("optionId", x.id), f.field("name", x.name), f.field("price", x.price), f.field("available", x.available));
}
template <class Inspector>
bool inspect(Inspector& f, modifier_group& x) {
  return f.object(x).fields(f.field("groupId", x.id), f.field("name", x.name), f.field("least", x.least),
                            f.field("most", x.most), f.field("options", x.options));
}
/// Its first version said no more of an item than that it is available or not.
template <class Inspector>
bool inspect(Inspector& f, menu_item& x) {
  return f.object(x).fields(
      f.field("itemId", x.id), f.field("name", x.name), f.field("description", x.description),
      f.field("category", x.category), f.field("type", x.type), f.field("price", x.price), f.field("currency", x.money),
      f.field("isAvailable", x.available.is_set), f.field("availableAgainAt", x.available.back_at),
      f.field("groups", x.groups).fallback(std::vector<group_id>{}));
}
template <class Inspector>
bool inspect(Inspector& f, menu& x) {
  return f.object(x).fields(
      f.field("categories", x.categories), f.field("groups", x.groups), f.field("items", x.items));
}
template <class Inspector>
bool inspect(Inspector& f, menu_stamp& x) {
  return f.object(x).fields(f.field("version", x.version), f.field("returned", x.returned));
}

}  // namespace dabba
