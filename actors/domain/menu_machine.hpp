/// The part of the restaurant machine that is about the menu. Pure.
#pragma once

#include <tl/expected.hpp>

#include "protocols/model/errors.hpp"
#include "protocols/model/restaurant_commands.hpp"
#include "protocols/model/restaurant_events.hpp"

namespace dabba {

struct menu_decider {
  using decision = tl::expected<std::vector<restaurant_event>, errc>;

  const menu& state;
  instant now;

  decision operator()(const add_menu_item& c) const;
  decision operator()(const change_menu_item& c) const;
  decision operator()(const set_item_availability& c) const;
  decision operator()(const remove_menu_item& c) const;
  decision operator()(const add_category& c) const;
  decision operator()(const rename_category& c) const;
  decision operator()(const order_categories& c) const;
  decision operator()(const remove_category& c) const;
  decision operator()(const add_modifier_group& c) const;
  decision operator()(const change_modifier_group& c) const;
  decision operator()(const set_option_availability& c) const;
  decision operator()(const remove_modifier_group& c) const;

 private:
  [[nodiscard]] errc problem_of(const menu_item& wanted, const menu_item* before) const;
  [[nodiscard]] errc problem_of(const modifier_group& wanted, const modifier_group* before) const;
  [[nodiscard]] errc problem_of_category(const std::string& name) const;
  [[nodiscard]] bool has_room_for(std::size_t text, std::size_t instead_of = 0) const;
  [[nodiscard]] bool is_past(const item_availability& x) const;
  /// What is not to be had, and is said not to be, returns when it would have.
  [[nodiscard]] item_availability changed(const item_availability& before, bool is_available) const;
};

struct menu_folder {
  menu& state;
  restaurant_id of;

  void operator()(const menu_item_added& e) const;
  void operator()(const menu_item_changed& e) const;
  void operator()(const menu_item_availability_changed& e) const;
  void operator()(const menu_item_removed& e) const;
  void operator()(const menu_category_added& e) const;
  void operator()(const menu_category_renamed& e) const;
  void operator()(const menu_categories_ordered& e) const;
  void operator()(const menu_category_removed& e) const;
  void operator()(const modifier_group_added& e) const;
  void operator()(const modifier_group_changed& e) const;
  void operator()(const modifier_option_availability_changed& e) const;
  void operator()(const modifier_group_removed& e) const;
};

}  // namespace dabba
