/// How a restaurant's kitchen works, and where to it delivers.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "protocols/model/geo.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

struct kitchen_settings {
  std::optional<std::int32_t> preparation_minutes;  ///< of an order; absent: the platform's
  std::optional<instant> busy_until;                ///< until then an order takes `busy_minutes` more
  std::int32_t busy_minutes = 0;
  bool accepts_itself = false;                  ///< orders need no hand to be accepted
  std::optional<std::int32_t> accept_minutes;   ///< then an order is rejected; absent: the platform's
  std::optional<std::int32_t> orders_per_slot;  ///< absent: as many as come
  std::int32_t slot_minutes = 15;
  friend bool operator==(const kitchen_settings&, const kitchen_settings&) = default;
};

/// Of the kitchen's settings, what an order goes by from when it is placed. Small, because every order has them.
struct kitchen_terms {
  std::int16_t preparation_minutes = 0;  ///< 0: the platform's
  std::int16_t accept_minutes = 0;       ///< 0: the platform's
  bool accepts_itself = false;
  friend bool operator==(const kitchen_terms&, const kitchen_terms&) = default;
};
static_assert(limits::preparation_minutes + limits::busy_minutes <= std::numeric_limits<std::int16_t>::max());
static_assert(limits::accept_minutes <= std::numeric_limits<std::int16_t>::max());

/// A circle around the restaurant, or else a polygon: its corners in sequence, the last joined with the first.
struct delivery_area {
  std::optional<metres> radius;
  std::vector<geo_point> corners;
  friend bool operator==(const delivery_area&, const delivery_area&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, kitchen_settings& x) {
  return f.object(x).fields(
      f.field("preparationMinutes", x.preparation_minutes), f.field("busyUntil", x.busy_until),
      f.field("busyMinutes", x.busy_minutes), f.field("acceptsItself", x.accepts_itself),
      f.field("acceptMinutes", x.accept_minutes), f.field("ordersPerSlot", x.orders_per_slot),
      f.field("slotMinutes", x.slot_minutes));
}
template <class Inspector>
bool inspect(Inspector& f, kitchen_terms& x) {
  return f.object(x).fields(f.field("preparationMinutes", x.preparation_minutes),
                            f.field("acceptMinutes", x.accept_minutes), f.field("acceptsItself", x.accepts_itself));
}
template <class Inspector>
bool inspect(Inspector& f, delivery_area& x) {
  return f.object(x).fields(f.field("radius", x.radius), f.field("corners", x.corners));
}

}  // namespace dabba
