#include "protocols/model/restaurant.hpp"

#include "protocols/model/opening_times.hpp"

namespace dabba {

bool is_online(const restaurant& x) noexcept {
  return x.verification == verification_status::active && x.status == restaurant_status::online;
}

bool takes_orders(const restaurant& x, instant now) { return is_online(x) && (!x.hours || is_open_at(*x.hours, now)); }

std::optional<instant> takes_orders_again(const restaurant& x, instant now) {
  if (!is_online(x) || !x.hours || is_open_at(*x.hours, now)) return std::nullopt;
  return opens_next(*x.hours, now);
}

}  // namespace dabba
