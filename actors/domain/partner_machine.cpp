#include "actors/domain/partner_machine.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

struct folder {
  partner& state;

  void operator()(const partner_went_online& e) const {
    state.shift = shift_status::online;
    state.shift_ends_at = e.shift_ends_at;
  }
  void operator()(const partner_went_offline&) const {
    state.shift = shift_status::offline;
    state.shift_ends_at.reset();
  }
  void operator()(const partner_delivery_assigned& e) const {
    if (!find_delivery(state, e.delivery.order)) state.active.push_back(e.delivery);
  }
  void operator()(const partner_delivery_ended& e) const {
    std::erase_if(state.active, [&](const active_delivery& d) { return d.order == e.order; });
  }
};

}  // namespace

std::vector<partner_event> decide(const partner& state, const go_online& command) {
  if (state.shift == shift_status::online && state.shift_ends_at == command.shift_ends_at) return {};
  return {partner_went_online{command.at, command.shift_ends_at}};
}

std::vector<partner_event> decide(const partner& state, const go_offline&) {
  if (state.shift == shift_status::offline) return {};
  return {partner_went_offline{}};
}

void apply(partner& state, const partner_event& event) {
  std::visit(folder{state}, event);
  ++state.version;
}

tl::expected<std::vector<std::uint8_t>, errc> free_slots(const partner& state, std::size_t count) {
  std::vector<std::uint8_t> out;
  for (std::uint8_t slot = 0; slot < limits::slots_per_partner && out.size() < count; ++slot)
    if (std::ranges::find(state.active, slot, &active_delivery::slot) == state.active.end()) out.push_back(slot);
  if (out.size() < count) return tl::unexpected{errc::partner_at_capacity};
  return out;
}

std::size_t free_slot_count(const partner& state) noexcept {
  return limits::slots_per_partner - std::min(state.active.size(), limits::slots_per_partner);
}

std::vector<active_delivery> deliveries_of(const partner& state, offer_id offer) {
  std::vector<active_delivery> out;
  std::ranges::copy_if(state.active, std::back_inserter(out), [&](const auto& d) { return d.offer == offer; });
  std::ranges::sort(out, {}, &active_delivery::sequence);
  return out;
}

bool is_on_duty(const partner& state) noexcept { return state.shift == shift_status::online || !state.active.empty(); }

const active_delivery* find_delivery(const partner& state, order_id order) noexcept {
  auto found = std::ranges::find(state.active, order, &active_delivery::order);
  return found == state.active.end() ? nullptr : &*found;
}

}  // namespace dabba
