/// A day as "offer to the nearest idle partner at once" would make it, without a platform.
#pragma once

#include <vector>

#include "bench/city/day_record.hpp"

namespace dabba::city {

inline day_record serve_by_nearest(const instance& day) {
  using namespace std::chrono_literals;
  std::vector<partner_body> bodies;
  for (const auto& p : day.partners) bodies.emplace_back(day.parameters, p);
  day_record record{day};
  for (std::size_t o = 0; o < day.orders.size(); ++o) {
    const auto& demand = day.orders[o];
    const auto& site = day.restaurants[demand.restaurant];
    // An order waits, a quarter of a minute at a time, until somebody is idle.
    std::optional<std::size_t> nearest;
    auto now = demand.placed;
    for (; now < demand.placed + 120min; now += 15s) {
      for (std::size_t i = 0; i < bodies.size(); ++i) {
        const auto& shift = day.partners[i];
        if (now < shift.on || bodies[i].free_at() > now) continue;
        if (bodies[i].earliest_pickup(site.at, demand.ready, now) > shift.off) continue;
        const auto way = [&](std::size_t k) { return distance_m(bodies[k].position(now), site.at); };
        if (!nearest || way(i) < way(*nearest)) nearest = i;
      }
      if (nearest) break;
    }
    if (!nearest) continue;
    auto& body = bodies[*nearest];
    body.drive({site.name, site.at}, now);
    const auto picked_up = body.pick_up(demand.ready);
    body.drive({demand.name, demand.at}, body.free_at());
    record.orders[o] = {picked_up, body.drop_off(), nearest, "DELIVERED"};
    record.jobs.push_back({now, picked_up, *nearest, {o}});
  }
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    record.legs[i] = bodies[i].legs();
    record.worked[i] = bodies[i].worked();
  }
  return record;
}

}  // namespace dabba::city
