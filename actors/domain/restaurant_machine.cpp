#include "actors/domain/restaurant_machine.hpp"

#include <algorithm>

#include "actors/domain/delivery_reach.hpp"
#include "actors/domain/menu_machine.hpp"
#include "protocols/model/limits.hpp"
#include "protocols/model/opening_times.hpp"

namespace dabba {
namespace {

using events = std::vector<restaurant_event>;
using decision = tl::expected<events, errc>;

decision refuse(errc why) { return tl::unexpected{why}; }

template <class T>
void set_if(T& field, const std::optional<T>& to) {
  if (to) field = *to;
}

/// All commands but those of the menu.
struct settings_decider {
  const restaurant& state;

  /// Who was rejected and corrects what is wrong is looked at again.
  decision corrected(restaurant_event&& what) const {
    events out{std::move(what)};
    if (state.verification == verification_status::rejected) out.emplace_back(restaurant_resubmitted{});
    return out;
  }

  decision operator()(const register_restaurant& c) const {
    if (state.version > 0) return refuse(errc::illegal_transition);
    return events{restaurant_registered{c.profile}};
  }

  decision operator()(const verify_restaurant& c) const {
    auto from = [&](verification_status wanted, restaurant_event to) -> decision {
      if (state.verification != wanted) return refuse(errc::illegal_transition);
      return events{std::move(to)};
    };
    using status = verification_status;
    switch (c.decision) {
      case verification_decision::approve:
        return from(status::pending_verification, restaurant_verified{status::active, c.reason});
      case verification_decision::reject:
        return from(status::pending_verification, restaurant_verified{status::rejected, c.reason});
      case verification_decision::deactivate: return from(status::active, restaurant_deactivated{c.reason});
      case verification_decision::reactivate: return from(status::inactive, restaurant_reactivated{});
    }
    return refuse(errc::internal);
  }

  decision operator()(const set_restaurant_status& c) const {
    if (state.verification != verification_status::active) return refuse(errc::restaurant_not_active);
    if (state.status == c.status) return events{};
    return events{restaurant_status_changed{c.status}};
  }

  decision operator()(const change_profile& c) const {
    auto after = state.profile;
    set_if(after.name, c.name);
    set_if(after.description, c.description);
    set_if(after.where, c.where);
    set_if(after.reach, c.reach);
    set_if(after.license_number, c.license_number);
    set_if(after.gst, c.gst);
    if (after == state.profile) return events{};
    // Under another licence it would not be the restaurant that was verified.
    bool is_verified =
        state.verification == verification_status::active || state.verification == verification_status::inactive;
    if (after.license_number != state.profile.license_number && is_verified && !c.by_staff)
      return refuse(errc::illegal_transition);
    return corrected(restaurant_profile_changed{std::move(after)});
  }

  decision operator()(const add_document& c) const {
    if (state.documents.size() >= limits::documents_per_restaurant) return refuse(errc::limit_reached);
    return corrected(restaurant_document_added{c.document});
  }

  decision operator()(const remove_document& c) const {
    if (!find_by_id(state.documents, c.document)) return refuse(errc::document_not_found);
    return events{restaurant_document_removed{c.document}};
  }

  decision operator()(const set_hours& c) const {
    if (c.to && !is_time_zone(c.to->time_zone)) return refuse(errc::unknown_time_zone);
    if (c.to == state.hours) return events{};
    return events{restaurant_hours_changed{c.to}};
  }

  decision operator()(const change_kitchen& c) const {
    auto after = state.kitchen;
    c.preparation_minutes.apply(after.preparation_minutes);
    c.busy_until.apply(after.busy_until);
    set_if(after.busy_minutes, c.busy_minutes);
    set_if(after.accepts_itself, c.accepts_itself);
    c.accept_minutes.apply(after.accept_minutes);
    c.orders_per_slot.apply(after.orders_per_slot);
    set_if(after.slot_minutes, c.slot_minutes);
    if (after == state.kitchen) return events{};
    return events{restaurant_kitchen_changed{after}};
  }

  decision operator()(const set_delivery_area& c) const {
    if (c.to && !is_valid(*c.to, state.profile.where.at)) return refuse(errc::invalid_delivery_area);
    if (c.to == state.area) return events{};
    return events{restaurant_delivery_area_changed{c.to}};
  }
};

struct settings_folder {
  restaurant& state;

  void operator()(const restaurant_registered& e) const { state.profile = e.profile; }
  void operator()(const restaurant_verified& e) const {
    state.verification = e.outcome;
    state.rejection_reason = e.reason;
  }
  void operator()(const restaurant_deactivated& e) const {
    state.verification = verification_status::inactive;
    state.status = restaurant_status::offline;
    state.rejection_reason = e.reason;
  }
  void operator()(const restaurant_reactivated&) const {
    state.verification = verification_status::active;
    state.rejection_reason.clear();
  }
  void operator()(const restaurant_resubmitted&) const {
    state.verification = verification_status::pending_verification;
  }
  void operator()(const restaurant_status_changed& e) const { state.status = e.status; }
  void operator()(const restaurant_profile_changed& e) const { state.profile = e.profile; }
  void operator()(const restaurant_document_added& e) const { state.documents.push_back(e.document); }
  void operator()(const restaurant_document_removed& e) const {
    std::erase_if(state.documents, [&](const restaurant_document& x) { return x.id == e.document; });
  }
  void operator()(const restaurant_hours_changed& e) const { state.hours = e.hours; }
  void operator()(const restaurant_kitchen_changed& e) const { state.kitchen = e.kitchen; }
  void operator()(const restaurant_delivery_area_changed& e) const { state.area = e.area; }
};

}  // namespace

decision decide(const restaurant_with_menu& state, const restaurant_command& command, instant now) {
  if (state.about.version == 0 && !std::holds_alternative<register_restaurant>(command))
    return refuse(errc::restaurant_not_found);
  return std::visit(
      [&](const auto& c) {
        if constexpr (std::is_invocable_v<menu_decider, decltype(c)>)
          return menu_decider{*state.menu, now}(c);
        else
          return settings_decider{state.about}(c);
      },
      command);
}

void apply(restaurant_with_menu& state, const restaurant_event& event) {
  std::visit(
      [&](const auto& e) {
        if constexpr (std::is_invocable_v<menu_folder, decltype(e)>) {
          auto changed = *state.menu;
          menu_folder{changed, state.about.id}(e);
          state.menu = std::move(changed);
        } else {
          settings_folder{state.about}(e);
        }
      },
      event);
  ++state.about.version;
}

kitchen_terms terms_at(const kitchen_settings& x, std::int32_t usual_preparation_minutes, instant now) noexcept {
  auto preparation = x.preparation_minutes.value_or(0);
  if (x.busy_minutes > 0 && x.busy_until && now < *x.busy_until)
    preparation = x.preparation_minutes.value_or(usual_preparation_minutes) + x.busy_minutes;
  return {static_cast<std::int16_t>(preparation), static_cast<std::int16_t>(x.accept_minutes.value_or(0)),
          x.accepts_itself};
}

std::vector<instant> returns_of(const menu& x) {
  std::vector<instant> out;
  auto add = [&](const item_availability& each) {
    if (!each.is_set && each.back_at) out.push_back(*each.back_at);
  };
  for (const auto& item : x.items) add(item.available);
  for (const auto& group : x.groups)
    for (const auto& option : group.options) add(option.available);
  std::ranges::sort(out);
  return out;
}

}  // namespace dabba
