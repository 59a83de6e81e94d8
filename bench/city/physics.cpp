#include "bench/city/physics.hpp"

#include <algorithm>

namespace dabba::city {

milliseconds travel_time(point from, point to, double metres_per_minute) {
  const double seconds = distance_m(from, to) * 60 / metres_per_minute;
  // A whole number of seconds stays one, although its quotient may come out a hair above it.
  return std::chrono::seconds{static_cast<std::int64_t>(std::ceil(seconds - 1e-9))};
}

partner_body::partner_body(const day_parameters& rules, const partner_shift& shift)
    : rules_(rules), here_{shift_start_name, shift.at}, arrived_(shift.on), free_at_(shift.on), start_(shift.at) {}

day_time partner_body::drive(place to, day_time wanted) {
  const auto depart = std::max(wanted, free_at_);
  const auto takes = travel_time(here_.at, to.at, rules_.metres_per_minute);
  legs_.push_back({std::move(here_), std::move(to), depart, depart + takes});
  here_ = legs_.back().to;
  arrived_ = free_at_ = legs_.back().arrive;
  worked_ += takes;
  return arrived_;
}

day_time partner_body::pickup_time(day_time ready) const {
  return std::max(ready, arrived_ + rules_.pickup_service / 2);
}

day_time partner_body::pick_up(day_time ready) {
  const auto when = pickup_time(ready);
  free_at_ = when + rules_.pickup_service / 2;
  worked_ += rules_.pickup_service;
  return when;
}

day_time partner_body::dropoff_time() const { return arrived_ + rules_.dropoff_service / 2; }

day_time partner_body::drop_off() {
  const auto when = dropoff_time();
  free_at_ = when + rules_.dropoff_service / 2;
  worked_ += rules_.dropoff_service;
  return when;
}

day_time partner_body::earliest_pickup(point restaurant, day_time ready, day_time wanted) const {
  const auto arrival = std::max(wanted, free_at_) + travel_time(here_.at, restaurant, rules_.metres_per_minute);
  return std::max(ready, arrival + rules_.pickup_service / 2);
}

const leg* partner_body::driving(day_time t) const {
  // The leg asked for is nearly always the last one or the one before it.
  for (auto it = legs_.rbegin(); it != legs_.rend(); ++it)
    if (it->depart <= t) return t < it->arrive ? &*it : nullptr;
  return nullptr;
}

point partner_body::position(day_time t) const {
  for (auto it = legs_.rbegin(); it != legs_.rend(); ++it) {
    if (it->depart > t) continue;
    if (t >= it->arrive) return it->to.at;
    const double share = in_minutes(t - it->depart) / in_minutes(it->arrive - it->depart);
    const auto a = it->from.at;
    const auto b = it->to.at;
    return {a.x_m + share * (b.x_m - a.x_m), a.y_m + share * (b.y_m - a.y_m)};
  }
  return start_;
}

}  // namespace dabba::city
