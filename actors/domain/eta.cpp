#include "actors/domain/eta.hpp"

namespace dabba {

duration travel_time(geo_point from, geo_point to, const order_terms& terms) noexcept {
  double seconds = distance(from, to).value / terms.travel_metres_per_second;
  return duration{static_cast<std::int64_t>(seconds * 1e6)};
}

instant estimate_delivery(instant ready_by, geo_point pickup, geo_point dropoff, const order_terms& terms) noexcept {
  return ready_by + terms.doorstep + travel_time(pickup, dropoff, terms);
}

}  // namespace dabba
