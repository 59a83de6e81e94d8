#include "actors/domain/menu_machine.hpp"

#include <algorithm>
#include <functional>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using events = std::vector<restaurant_event>;
using decision = menu_decider::decision;

decision refuse(errc why) { return tl::unexpected{why}; }

template <class T>
void set_if(T& field, const std::optional<T>& to) {
  if (to) field = *to;
}

std::size_t text_of(const menu_item& x) noexcept { return x.name.size() + x.description.size() + x.category.size(); }
std::size_t text_of(const modifier_group& x) noexcept {
  auto bytes = x.name.size();
  for (const auto& each : x.options) bytes += each.name.size();
  return bytes;
}

template <class Range, class Same = std::equal_to<>>
bool has_twice(const Range& all, Same same = {}) {
  for (auto it = all.begin(); it != all.end(); ++it)
    if (std::any_of(std::next(it), all.end(), [&](const auto& x) { return same(*it, x); })) return true;
  return false;
}

template <class T, class Id>
void erase_by_id(std::vector<T>& all, const Id& id) {
  std::erase_if(all, [&](const T& x) { return x.id == id; });
}

}  // namespace

bool menu_decider::has_room_for(std::size_t text, std::size_t instead_of) const {
  return text <= instead_of || text_bytes(state) - instead_of + text <= limits::menu_text_bytes;
}

item_availability menu_decider::changed(const item_availability& before, bool is_available) const {
  if (!is_available && !before.at(now)) return before;
  return {is_available, {}};
}

bool menu_decider::is_past(const item_availability& x) const { return x.back_at && (x.is_set || *x.back_at <= now); }

errc menu_decider::problem_of_category(const std::string& name) const {
  bool is_listed =
      name.empty() || std::ranges::find(state.categories, name, &menu_category::name) != state.categories.end();
  return is_listed || state.categories.size() < limits::categories_per_menu ? errc::none : errc::limit_reached;
}

errc menu_decider::problem_of(const menu_item& wanted, const menu_item* before) const {
  if (!before && state.items.size() >= limits::items_per_menu) return errc::limit_reached;
  // An order is paid in one currency.
  auto is_other = [&](const menu_item& x) { return &x != before && x.money != wanted.money; };
  if (std::ranges::any_of(state.items, is_other)) return errc::currency_mismatch;
  if (has_twice(wanted.groups)) return errc::invalid_argument;
  for (const auto& group : wanted.groups)
    if (!find_by_id(state.groups, group)) return errc::modifier_group_not_found;
  if (auto problem = problem_of_category(wanted.category); problem != errc::none) return problem;
  return has_room_for(text_of(wanted), before ? text_of(*before) : 0) ? errc::none : errc::limit_reached;
}

errc menu_decider::problem_of(const modifier_group& wanted, const modifier_group* before) const {
  if (!before && state.groups.size() >= limits::groups_per_menu) return errc::limit_reached;
  auto count = static_cast<std::int32_t>(wanted.options.size());
  if (wanted.least < 0 || wanted.most < 1 || wanted.least > wanted.most || wanted.most > count)
    return errc::invalid_argument;
  auto is_same = [](const modifier_option& a, const modifier_option& b) { return a.id == b.id; };
  if (has_twice(wanted.options, is_same)) return errc::invalid_argument;
  return has_room_for(text_of(wanted), before ? text_of(*before) : 0) ? errc::none : errc::limit_reached;
}

// -- Items -----------------------------------------------------------------------------------------------------------

decision menu_decider::operator()(const add_menu_item& c) const {
  if (auto problem = problem_of(c.item, nullptr); problem != errc::none) return refuse(problem);
  return events{menu_item_added{c.item}};
}

decision menu_decider::operator()(const change_menu_item& c) const {
  const auto* before = find_by_id(state.items, c.item);
  if (!before) return refuse(errc::item_not_found);
  auto after = *before;
  set_if(after.name, c.name);
  set_if(after.description, c.description);
  set_if(after.category, c.category);
  set_if(after.type, c.type);
  set_if(after.price, c.price);
  set_if(after.money, c.money);
  if (c.is_available) after.available = changed(before->available, *c.is_available);
  set_if(after.groups, c.groups);
  if (auto problem = problem_of(after, before); problem != errc::none) return refuse(problem);
  if (after == *before) return events{};
  return events{menu_item_changed{std::move(after)}};
}

decision menu_decider::operator()(const set_item_availability& c) const {
  const auto* item = find_by_id(state.items, c.item);
  if (!item) return refuse(errc::item_not_found);
  if (is_past(c.to)) return refuse(errc::invalid_argument);
  if (item->available == c.to) return events{};
  return events{menu_item_availability_changed{c.item, c.to}};
}

decision menu_decider::operator()(const remove_menu_item& c) const {
  if (!find_by_id(state.items, c.item)) return refuse(errc::item_not_found);
  return events{menu_item_removed{c.item}};
}

// -- Categories ------------------------------------------------------------------------------------------------------

decision menu_decider::operator()(const add_category& c) const {
  if (std::ranges::find(state.categories, c.category.name, &menu_category::name) != state.categories.end())
    return refuse(errc::category_name_taken);
  if (problem_of_category(c.category.name) != errc::none || !has_room_for(c.category.name.size()))
    return refuse(errc::limit_reached);
  return events{menu_category_added{c.category}};
}

decision menu_decider::operator()(const rename_category& c) const {
  const auto* category = find_by_id(state.categories, c.category);
  if (!category) return refuse(errc::category_not_found);
  if (category->name == c.name) return events{};
  if (std::ranges::find(state.categories, c.name, &menu_category::name) != state.categories.end())
    return refuse(errc::category_name_taken);
  auto used = static_cast<std::size_t>(std::ranges::count(state.items, category->name, &menu_item::category)) + 1;
  if (!has_room_for(used * c.name.size(), used * category->name.size())) return refuse(errc::limit_reached);
  return events{menu_category_renamed{c.category, c.name}};
}

decision menu_decider::operator()(const order_categories& c) const {
  // Exactly those there are, so that who did not see the latest one does not lose it.
  if (c.categories.size() != state.categories.size() || has_twice(c.categories)) return refuse(errc::invalid_argument);
  for (const auto& each : c.categories)
    if (!find_by_id(state.categories, each)) return refuse(errc::category_not_found);
  if (std::ranges::equal(state.categories, c.categories, {}, &menu_category::id)) return events{};
  return events{menu_categories_ordered{c.categories}};
}

decision menu_decider::operator()(const remove_category& c) const {
  if (!find_by_id(state.categories, c.category)) return refuse(errc::category_not_found);
  return events{menu_category_removed{c.category}};
}

// -- Modifier groups -------------------------------------------------------------------------------------------------

decision menu_decider::operator()(const add_modifier_group& c) const {
  if (auto problem = problem_of(c.group, nullptr); problem != errc::none) return refuse(problem);
  return events{modifier_group_added{c.group}};
}

decision menu_decider::operator()(const change_modifier_group& c) const {
  const auto* before = find_by_id(state.groups, c.group);
  if (!before) return refuse(errc::modifier_group_not_found);
  auto after = *before;
  set_if(after.name, c.name);
  set_if(after.least, c.least);
  set_if(after.most, c.most);
  if (c.options) after.options.clear();
  for (const auto& each : c.options.value_or(std::vector<wanted_option>{})) {
    const auto* known = find_by_id(before->options, each.id);
    if (!known && !each.is_new) return refuse(errc::modifier_option_not_found);
    auto option = known ? *known : modifier_option{each.id, {}, {}, {}};
    set_if(option.name, each.name);
    set_if(option.price, each.price);
    if (each.is_available) option.available = changed(option.available, *each.is_available);
    after.options.push_back(std::move(option));
  }
  if (auto problem = problem_of(after, before); problem != errc::none) return refuse(problem);
  if (after == *before) return events{};
  return events{modifier_group_changed{std::move(after)}};
}

decision menu_decider::operator()(const set_option_availability& c) const {
  const auto* group = find_by_id(state.groups, c.group);
  if (!group) return refuse(errc::modifier_group_not_found);
  const auto* option = find_by_id(group->options, c.option);
  if (!option) return refuse(errc::modifier_option_not_found);
  if (is_past(c.to)) return refuse(errc::invalid_argument);
  if (option->available == c.to) return events{};
  return events{modifier_option_availability_changed{c.group, c.option, c.to}};
}

decision menu_decider::operator()(const remove_modifier_group& c) const {
  if (!find_by_id(state.groups, c.group)) return refuse(errc::modifier_group_not_found);
  // An item whose size is no longer asked for would be sold at the price of none.
  auto has_it = [&](const menu_item& x) { return std::ranges::find(x.groups, c.group) != x.groups.end(); };
  if (std::ranges::any_of(state.items, has_it)) return refuse(errc::modifier_group_in_use);
  return events{modifier_group_removed{c.group}};
}

// -- The fold --------------------------------------------------------------------------------------------------------

void menu_folder::operator()(const menu_item_added& e) const {
  list_category(state, e.item.category, of.value);
  state.items.push_back(e.item);
}
void menu_folder::operator()(const menu_item_changed& e) const {
  list_category(state, e.item.category, of.value);
  if (auto* item = find_by_id(state.items, e.item.id)) *item = e.item;
}
void menu_folder::operator()(const menu_item_availability_changed& e) const {
  if (auto* item = find_by_id(state.items, e.item)) item->available = e.available;
}
void menu_folder::operator()(const menu_item_removed& e) const { erase_by_id(state.items, e.item); }

void menu_folder::operator()(const menu_category_added& e) const { state.categories.push_back(e.category); }
void menu_folder::operator()(const menu_category_renamed& e) const {
  auto* category = find_by_id(state.categories, e.category);
  if (!category) return;
  for (auto& item : state.items)
    if (item.category == category->name) item.category = e.name;
  category->name = e.name;
}
void menu_folder::operator()(const menu_categories_ordered& e) const {
  auto place = [&](const menu_category& x) { return std::ranges::find(e.categories, x.id) - e.categories.begin(); };
  std::ranges::stable_sort(state.categories, {}, place);
}
void menu_folder::operator()(const menu_category_removed& e) const {
  const auto* category = find_by_id(state.categories, e.category);
  if (!category) return;
  for (auto& item : state.items)
    if (item.category == category->name) item.category.clear();
  erase_by_id(state.categories, e.category);
}

void menu_folder::operator()(const modifier_group_added& e) const { state.groups.push_back(e.group); }
void menu_folder::operator()(const modifier_group_changed& e) const {
  if (auto* group = find_by_id(state.groups, e.group.id)) *group = e.group;
}
void menu_folder::operator()(const modifier_option_availability_changed& e) const {
  auto* group = find_by_id(state.groups, e.group);
  auto* option = group ? find_by_id(group->options, e.option) : nullptr;
  if (option) option->available = e.available;
}
void menu_folder::operator()(const modifier_group_removed& e) const { erase_by_id(state.groups, e.group); }

}  // namespace dabba
