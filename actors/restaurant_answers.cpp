#include "actors/restaurant_answers.hpp"

#include "actors/domain/delivery_reach.hpp"
#include "actors/domain/order_lines.hpp"
#include "actors/domain/restaurant_machine.hpp"
#include "actors/zones.hpp"

namespace dabba {
namespace {

class answering {
 public:
  explicit answering(const restaurant_with_menu& state) : state_{state} {}

  reply operator()(const add_menu_item& c) const { return item(c.item.id); }
  reply operator()(const change_menu_item& c) const { return item(c.item); }
  reply operator()(const set_item_availability& c) const { return item(c.item); }
  reply operator()(const remove_menu_item& c) const { return item(c.item); }
  reply operator()(const add_category& c) const { return category(c.category.id); }
  reply operator()(const rename_category& c) const { return category(c.category); }
  reply operator()(const remove_category& c) const { return category(c.category); }
  reply operator()(const order_categories&) const {
    auto out = nothing();
    out.categories = state_.menu->categories;
    return out;
  }
  reply operator()(const add_modifier_group& c) const { return group(c.group.id); }
  reply operator()(const change_modifier_group& c) const { return group(c.group); }
  reply operator()(const set_option_availability& c) const { return group(c.group); }
  reply operator()(const remove_modifier_group& c) const { return group(c.group); }

  template <class Command>
  reply operator()(const Command&) const {
    return state_.about;
  }

 private:
  [[nodiscard]] changed_menu nothing() const { return {state_.about.version, {}, {}, {}}; }
  [[nodiscard]] reply item(item_id id) const {
    auto out = nothing();
    if (const auto* found = find_by_id(state_.menu->items, id)) out.items.push_back(*found);
    return out;
  }
  [[nodiscard]] reply category(category_id id) const {
    auto out = nothing();
    if (const auto* found = find_by_id(state_.menu->categories, id)) out.categories.push_back(*found);
    return out;
  }
  [[nodiscard]] reply group(group_id id) const {
    auto out = nothing();
    if (const auto* found = find_by_id(state_.menu->groups, id)) out.groups.push_back(*found);
    return out;
  }

  const restaurant_with_menu& state_;
};

}  // namespace

reply answer_to(const restaurant_command& command, const restaurant_with_menu& state) {
  return std::visit(answering{state}, command);
}

reply answer_to(const read_menu& question, const restaurant_with_menu& state, std::uint32_t returned, instant now) {
  current_menu out{state.about.id, {state.about.version, returned}, now, {}};
  if (question.known != out.stamp) out.content = state.menu;
  return out;
}

reply answer_to(const price_lines& question, const restaurant_with_menu& state, std::int32_t usual_preparation_minutes,
                instant now) {
  const auto& about = state.about;
  const auto& at = about.profile.where.at;
  if (!takes_orders(about, now)) return not_sold{errc::restaurant_closed, takes_orders_again(about, now)};
  if (question.to && about.area && !reaches(*about.area, at, *question.to))
    return not_sold{errc::outside_delivery_area};
  std::vector<wanted_line> wanted;
  wanted.reserve(question.lines.size());
  for (const auto& x : question.lines) wanted.push_back({x.item, x.quantity, x.special_instructions, x.choices});
  auto lines = price(*state.menu, wanted, now);
  if (!lines) return not_sold{lines.error().why, {}, lines.error().line};
  auto money = find_by_id(state.menu->items, lines->front().item)->money;
  auto terms = terms_at(about.kitchen, usual_preparation_minutes, now);
  return quote{about.profile.name, at, zone_at(at), std::move(*lines), money, terms};
}

}  // namespace dabba
