#include "actors/domain/city_board.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace dabba {
namespace {

constexpr std::size_t click_to_door_samples = 10'000;

city_order to_shown(const order& x) {
  city_order out{
      .id = x.id,
      .status = x.status,
      .delivery = x.delivery,
      .restaurant = x.restaurant,
      .partner = {},
      .dropoff = x.dropoff.at,
      .placed_at = x.placed_at,
      .ended_at = x.ended_at};
  if (x.carried_by) out.partner = x.carried_by->partner;
  return out;
}

partner_activity activity_for(delivery_status s) noexcept {
  switch (s) {
    case delivery_status::assigned: return partner_activity::to_restaurant;
    case delivery_status::at_restaurant: return partner_activity::at_restaurant;
    case delivery_status::picked_up:
    case delivery_status::at_customer: return partner_activity::to_customer;
    case delivery_status::not_started:
    case delivery_status::searching:
    case delivery_status::delivered:
    case delivery_status::failed: break;
  }
  return partner_activity::idle;
}

double seconds(duration d) noexcept { return static_cast<double>(d.count()) / 1e6; }

}  // namespace

void city_board::start_from(city_counters ended, const std::vector<duration>& click_to_door) {
  ended_.delivered += ended.delivered;
  ended_.cancelled += ended.cancelled;
  ended_.rejected += ended.rejected;
  ended_.undeliverable += ended.undeliverable;
  click_to_door_.insert(click_to_door_.begin(), click_to_door.begin(), click_to_door.end());
}

void city_board::see(const order& x, bool just_happened) {
  auto shown = to_shown(x);
  auto found = open_.find(x.id);
  std::optional<partner_id> before;
  if (found != open_.end()) before = found->second.partner;
  if (is_terminal(x.status)) {
    set_carrier(x.id, before, {});
    if (found != open_.end()) open_.erase(found);
    changed_orders_.erase(x.id);
    if (!just_happened) return;
    count_ended(x);
    just_ended_.push_back(std::move(shown));
    return;
  }
  set_carrier(x.id, before, shown.partner);
  open_.insert_or_assign(x.id, std::move(shown));
  changed_orders_.insert(x.id);
  if (x.carried_by) changed_partners_.insert(x.carried_by->partner);
}

void city_board::see(const restaurant_seen& x) {
  restaurants_.insert_or_assign(x.id, x);
  changed_restaurants_.insert(x.id);
}

void city_board::see(const partners_moved& x) {
  for (auto gone : x.left)
    if (partners_.erase(gone) > 0) changed_partners_.insert(gone);
  for (const auto& [partner, at] : x.moved) {
    partners_.insert_or_assign(partner, at);
    changed_partners_.insert(partner);
  }
}

city_update city_board::snapshot(instant now) const {
  city_update out{
      .zone = zone_, .snapshot = true, .at = now, .restaurants = {}, .partners = {}, .orders = {}, .counters = count()};
  for (const auto& [id, x] : restaurants_) out.restaurants.push_back(x);
  for (const auto& [id, at] : partners_) out.partners.push_back(show(id, at));
  for (const auto& [id, x] : open_) out.orders.push_back(x);
  return out;
}

std::optional<city_update> city_board::take_changes(instant now) {
  if (changed_orders_.empty() && changed_restaurants_.empty() && changed_partners_.empty() && just_ended_.empty())
    return std::nullopt;
  city_update out{
      .zone = zone_,
      .snapshot = false,
      .at = now,
      .restaurants = {},
      .partners = {},
      .orders = std::exchange(just_ended_, {}),
      .counters = count()};
  for (auto id : changed_orders_) out.orders.push_back(open_.at(id));
  for (auto id : changed_restaurants_) out.restaurants.push_back(restaurants_.at(id));
  for (auto id : changed_partners_) {
    auto found = partners_.find(id);
    if (found == partners_.end())
      out.partners.push_back({id, {}, partner_activity::offline});
    else
      out.partners.push_back(show(id, found->second));
  }
  changed_orders_.clear();
  changed_restaurants_.clear();
  changed_partners_.clear();
  return out;
}

zone_info city_board::info() const { return {zone_, partners_.size(), open_.size()}; }

void city_board::count_ended(const order& x) {
  if (x.status == order_status::delivered) {
    ++ended_.delivered;
    click_to_door_.push_back(*x.ended_at - x.placed_at);
    if (click_to_door_.size() > click_to_door_samples) click_to_door_.pop_front();
  } else if (x.status == order_status::rejected) {
    ++ended_.rejected;
  } else if (x.status == order_status::undeliverable) {
    ++ended_.undeliverable;
  } else {
    ++ended_.cancelled;
  }
}

void city_board::set_carrier(order_id order, std::optional<partner_id> before, std::optional<partner_id> after) {
  if (before == after) return;
  if (before) {
    auto found = carried_.find(*before);
    if (found != carried_.end()) {
      found->second.erase(order);
      if (found->second.empty()) carried_.erase(found);
    }
    changed_partners_.insert(*before);
  }
  if (after) {
    carried_[*after].insert(order);
    changed_partners_.insert(*after);
  }
}

partner_activity city_board::activity_of(partner_id partner) const {
  auto found = carried_.find(partner);
  auto activity = partner_activity::idle;
  if (found == carried_.end()) return activity;
  for (auto order : found->second) activity = std::max(activity, activity_for(open_.at(order).delivery));
  return activity;
}

city_counters city_board::count() const {
  auto out = ended_;
  out.open = open_.size();
  for (const auto& [id, x] : open_) {
    out.searching += x.delivery == delivery_status::searching;
    out.preparing += x.status == order_status::accepted || x.status == order_status::in_preparation;
    out.out_for_delivery += x.status == order_status::out_for_delivery;
  }
  out.partners_online = partners_.size();
  for (const auto& [id, at] : partners_) out.partners_busy += carried_.contains(id);
  if (click_to_door_.empty()) return out;
  std::vector<double> waits;
  waits.reserve(click_to_door_.size());
  for (auto d : click_to_door_) waits.push_back(seconds(d));
  out.click_to_door_mean_s = std::reduce(waits.begin(), waits.end()) / static_cast<double>(waits.size());
  auto p90 = waits.begin() + static_cast<std::ptrdiff_t>(waits.size() * 9 / 10);
  std::ranges::nth_element(waits, p90);
  out.click_to_door_p90_s = *p90;
  return out;
}

}  // namespace dabba
