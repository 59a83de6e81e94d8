/// The physical world of a day: who is where, and when, by the rules of the Meal Delivery Routing Problem. Times are
/// exact and know nothing of how late a timer fired or how long the platform took to answer.
#pragma once

#include <vector>

#include "bench/city/instance.hpp"

namespace dabba::city {

/// Euclidean distance at `metres_per_minute`, rounded up to a whole second.
milliseconds travel_time(point from, point to, double metres_per_minute);

/// A named point: a restaurant, an order's door, or `0` for where a partner's shift begins.
struct place {
  std::string name;
  point at;
};

inline constexpr const char* shift_start_name = "0";

/// One drive, made from its beginning to its end: nobody changes course on the way.
struct leg {
  place from;
  place to;
  day_time depart;
  day_time arrive;
};

/// One partner's body on the street. Each act begins when asked for, or once the one before it is over.
class partner_body {
 public:
  partner_body(const day_parameters& rules, const partner_shift& shift);

  /// Drives to `to`, leaving at `wanted` or as soon as it is free. Returns the arrival.
  day_time drive(place to, day_time wanted);
  /// When food that is ready at `ready` changes hands at the restaurant it has come to:
  /// max(ready, arrival + half the pickup service time).
  [[nodiscard]] day_time pickup_time(day_time ready) const;
  /// Takes it; the partner leaves half the pickup service time later. Returns the time of pickup.
  day_time pick_up(day_time ready);
  /// When it would drop off at the door it has come to: half the drop-off service time after arrival.
  [[nodiscard]] day_time dropoff_time() const;
  /// Drops off; free half the drop-off service time later. Returns the time of drop-off.
  day_time drop_off();
  /// The earliest pickup at `restaurant` of food ready at `ready`, if it set out at `wanted`.
  [[nodiscard]] day_time earliest_pickup(point restaurant, day_time ready, day_time wanted) const;

  /// When the act under way ends and another may begin.
  [[nodiscard]] day_time free_at() const { return free_at_; }
  [[nodiscard]] point position(day_time t) const;
  /// The leg it is on at `t`, or nullptr while it stands.
  [[nodiscard]] const leg* driving(day_time t) const;
  [[nodiscard]] const std::vector<leg>& legs() const { return legs_; }
  /// Time spent driving and serving so far, waiting apart.
  [[nodiscard]] milliseconds worked() const { return worked_; }

 private:
  day_parameters rules_;
  place here_;        ///< where the last leg led
  day_time arrived_;  ///< there
  day_time free_at_;
  milliseconds worked_{0};
  point start_;
  std::vector<leg> legs_;
};

}  // namespace dabba::city
