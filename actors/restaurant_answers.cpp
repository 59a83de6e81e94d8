#include "actors/restaurant_answers.hpp"

#include "actors/domain/delivery_reach.hpp"
#include "actors/domain/order_lines.hpp"
#include "actors/domain/pricing/pricing.hpp"
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

food_line to_food(const order_line& line, const menu& of) {
  const auto* item = find_by_id(of.items, line.item);
  food_line out{line.item, item ? item->category : std::string{}, line.quantity, line.unit_price};
  for (const auto& option : line.choices) {
    out.unit_price = out.unit_price - option.price;
    out.options.push_back(option.price);
  }
  return out;
}

order_to_price to_price(const std::vector<order_line>& lines, const restaurant_with_menu& of,
                        const price_lines::circumstances& given, instant now) {
  const auto& at = of.about.profile.where.at;
  order_to_price out;
  out.restaurant = of.about.id;
  out.money = find_by_id(of.menu->items, lines.front().item)->money;
  for (const auto& line : lines) out.lines.push_back(to_food(line, *of.menu));
  out.distance = distance(at, given.dropoff.value_or(at));
  out.tip = given.tip;
  out.now = now;
  out.is_first_order = given.is_first_order;
  return out;
}

}  // namespace

reply answer_to(const restaurant_command& command, const restaurant_with_menu& state) {
  return std::visit(answering{state}, command);
}

reply answer_to(const read_menu& question, const restaurant_with_menu& state, std::uint32_t returned, instant now) {
  current_menu out{state.about.id, {state.about.version, returned}, now, {}};
  if (question.known != out.stamp) out.content = state.menu;
  return out;
}

reply answer_to(const price_lines& question, const restaurant_with_menu& state, const quote_terms& terms, instant now) {
  const auto& about = state.about;
  const auto& at = about.profile.where.at;
  const auto& given = question.given;
  if (!takes_orders(about, now)) return not_sold{errc::restaurant_closed, takes_orders_again(about, now)};
  if (given.dropoff && about.area && !reaches(*about.area, at, *given.dropoff))
    return not_sold{errc::outside_delivery_area};
  std::vector<wanted_line> wanted;
  wanted.reserve(question.lines.size());
  for (const auto& x : question.lines) wanted.push_back({x.item, x.quantity, x.special_instructions, x.choices});
  auto lines = price(*state.menu, wanted, now);
  if (!lines) return not_sold{lines.error().why, {}, lines.error().line};
  auto order = to_price(*lines, state, given, now);
  auto pricing = terms.pricing;
  if (!given.dropoff) pricing.delivery = {};
  auto priced = price_order(order, pricing, given.deals, given.coupon ? &*given.coupon : nullptr);
  if (!priced) return not_sold{priced.error()};
  return quote{
      .restaurant_name = about.profile.name,
      .pickup = at,
      .zone = zone_at(at),
      .lines = std::move(*lines),
      .money = order.money,
      .kitchen = terms_at(about.kitchen, terms.usual_preparation_minutes, now),
      .price = std::move(priced->price),
      .coupon = priced->coupon};
}

}  // namespace dabba
