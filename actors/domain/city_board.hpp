/// What a zone's live map shows, kept from what happens and handed out as a snapshot or as what changed since. Pure.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "protocols/model/city.hpp"

namespace dabba {

class city_board {
 public:
  explicit city_board(zone_id zone) : zone_{zone} {}

  /// How the zone did before this board started.
  void start_from(city_counters ended, const std::vector<duration>& click_to_door);

  /// `just_happened` is false for an order that was only loaded.
  void see(const order& x, bool just_happened);
  void see(const restaurant_seen& x);
  void see(const partners_moved& x);

  [[nodiscard]] city_update snapshot(instant now) const;
  /// What changed since the last call; nothing when nothing did.
  [[nodiscard]] std::optional<city_update> take_changes(instant now);

  [[nodiscard]] bool knows(restaurant_id x) const { return restaurants_.contains(x); }
  [[nodiscard]] zone_info info() const;
  /// No restaurant, no partner, no open order.
  [[nodiscard]] bool is_empty() const noexcept { return restaurants_.empty() && partners_.empty() && open_.empty(); }

 private:
  void count_ended(const order& x);
  void set_carrier(order_id order, std::optional<partner_id> before, std::optional<partner_id> after);
  [[nodiscard]] partner_activity activity_of(partner_id partner) const;
  [[nodiscard]] city_partner show(partner_id partner, geo_point at) const {
    return {partner, at, activity_of(partner)};
  }
  [[nodiscard]] city_counters count() const;

  zone_id zone_;
  std::unordered_map<order_id, city_order> open_;
  std::unordered_map<restaurant_id, restaurant_seen> restaurants_;
  std::unordered_map<partner_id, geo_point> partners_;
  std::unordered_map<partner_id, std::unordered_set<order_id>> carried_;
  city_counters ended_;
  std::deque<duration> click_to_door_;  ///< of the latest delivered orders

  std::unordered_set<order_id> changed_orders_;
  std::unordered_set<restaurant_id> changed_restaurants_;
  std::unordered_set<partner_id> changed_partners_;
  std::vector<city_order> just_ended_;
};

}  // namespace dabba
