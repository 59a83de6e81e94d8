#include "actors/domain/restaurant_machine.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using events = std::vector<restaurant_event>;
using decision = tl::expected<events, errc>;

struct decider {
  const restaurant& state;

  decision operator()(const register_restaurant& c) const {
    if (state.version > 0) return tl::unexpected{errc::illegal_transition};
    return events{restaurant_registered{c.profile}};
  }

  decision operator()(const verify_restaurant& c) const {
    if (state.verification != verification_status::pending_verification)
      return tl::unexpected{errc::illegal_transition};
    bool approved = c.decision == verification_decision::approve;
    return events{
        restaurant_verified{approved ? verification_status::active : verification_status::rejected, c.reason}};
  }

  decision operator()(const set_restaurant_status& c) const {
    if (state.verification != verification_status::active) return tl::unexpected{errc::restaurant_not_active};
    if (state.status == c.status) return events{};
    return events{restaurant_status_changed{c.status}};
  }

  decision operator()(const add_menu_item& c) const {
    if (state.menu.size() >= limits::items_per_menu) return tl::unexpected{errc::invalid_argument};
    if (!state.menu.empty() && state.menu.front().money != c.item.money)
      return tl::unexpected{errc::currency_mismatch};  // an order is paid in one currency
    return events{menu_item_added{c.item}};
  }
};

struct folder {
  restaurant& state;

  void operator()(const restaurant_registered& e) const { state.profile = e.profile; }
  void operator()(const restaurant_verified& e) const {
    state.verification = e.outcome;
    state.rejection_reason = e.reason;
  }
  void operator()(const restaurant_status_changed& e) const { state.status = e.status; }
  void operator()(const menu_item_added& e) const { state.menu.push_back(e.item); }
};

}  // namespace

decision decide(const restaurant& state, const restaurant_command& command) {
  if (state.version == 0 && !std::holds_alternative<register_restaurant>(command))
    return tl::unexpected{errc::restaurant_not_found};
  return std::visit(decider{state}, command);
}

void apply(restaurant& state, const restaurant_event& event) {
  std::visit(folder{state}, event);
  ++state.version;
}

bool is_open(const restaurant& state) noexcept {
  return state.verification == verification_status::active && state.status == restaurant_status::online;
}

tl::expected<std::vector<order_line>, errc> price(const restaurant& state, const std::vector<wanted_line>& wanted) {
  if (state.version == 0) return tl::unexpected{errc::restaurant_not_found};
  if (!is_open(state)) return tl::unexpected{errc::restaurant_closed};
  if (wanted.empty()) return tl::unexpected{errc::invalid_argument};
  std::vector<order_line> lines;
  std::optional<currency> money;
  for (const auto& want : wanted) {
    auto item = std::ranges::find(state.menu, want.item, &menu_item::id);
    if (item == state.menu.end()) return tl::unexpected{errc::item_not_found};
    if (!item->is_available) return tl::unexpected{errc::item_unavailable};
    if (money.value_or(item->money) != item->money) return tl::unexpected{errc::invalid_argument};
    money = item->money;
    lines.push_back({item->id, item->name, want.quantity, item->price, want.special_instructions});
  }
  return lines;
}

}  // namespace dabba
