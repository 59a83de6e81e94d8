#include "actors/domain/order_lines.hpp"

#include <algorithm>

namespace dabba {
namespace {

/// Adds what was chosen to the line, in the sequence of the item's groups and their options.
errc add_choices(order_line& line, const menu& offered, const menu_item& item, const std::vector<option_id>& wanted,
                 instant now) {
  for (const auto& id : item.groups) {
    const auto* group = find_by_id(offered.groups, id);
    if (!group) continue;
    std::int32_t chosen = 0;
    for (const auto& option : group->options) {
      auto times = std::ranges::count(wanted, option.id);
      if (times == 0) continue;
      if (times > 1) return errc::invalid_choices;
      if (!option.available.at(now)) return errc::item_unavailable;
      ++chosen;
      line.choices.push_back({option.id, group->name, option.name, option.price});
      line.unit_price = line.unit_price + option.price;
    }
    if (chosen < group->least || chosen > group->most) return errc::invalid_choices;
  }
  return line.choices.size() == wanted.size() ? errc::none : errc::invalid_choices;
}

}  // namespace

tl::expected<std::vector<order_line>, refused_line> price(const menu& offered, const std::vector<wanted_line>& wanted,
                                                          instant now) {
  if (wanted.empty()) return tl::unexpected{refused_line{errc::invalid_argument}};
  std::vector<order_line> lines;
  lines.reserve(wanted.size());
  std::optional<currency> money;
  for (const auto& want : wanted) {
    auto refuse = [&](errc why) { return tl::unexpected{refused_line{why, static_cast<std::uint32_t>(lines.size())}}; };
    const auto* item = find_by_id(offered.items, want.item);
    if (!item) return refuse(errc::item_not_found);
    if (!item->available.at(now)) return refuse(errc::item_unavailable);
    if (money.value_or(item->money) != item->money) return refuse(errc::invalid_argument);
    money = item->money;
    order_line line{item->id, item->name, want.quantity, item->price, want.special_instructions};
    if (auto problem = add_choices(line, offered, *item, want.choices, now); problem != errc::none)
      return refuse(problem);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace dabba
