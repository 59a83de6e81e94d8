#include <algorithm>

#include "bench/city/partner.hpp"

namespace dabba::city {

place partner::restaurant_of(const accepted_job& job) const {
  const auto& site = world_.day.restaurants[world_.day.orders[job.orders.front().order].restaurant];
  return {site.name, site.at};
}

place partner::door_of(const carried_order& o) const {
  const auto& demand = world_.day.orders[o.order];
  return {demand.name, demand.at};
}

namespace {

/// When the last of those orders that are still to be fetched is cooked.
day_time latest_ready(const instance& day, const accepted_job& job) {
  auto latest = day_time::min();
  for (const auto& o : job.orders)
    if (!o.lost) latest = std::max(latest, day.orders[o.order].ready);
  return latest;
}

bool all_lost(const accepted_job& job) {
  return std::all_of(job.orders.begin(), job.orders.end(), [](const carried_order& o) { return o.lost; });
}

}  // namespace

partner_body partner::after(partner_body from, const accepted_job& job) const {
  from.drive(restaurant_of(job), job.assigned);
  from.pick_up(latest_ready(world_.day, job));
  for (const auto& o : job.orders) {
    from.drive(door_of(o), from.free_at());
    from.drop_off();
  }
  return from;
}

asio::awaitable<void> partner::carry(job_ptr job) {
  const bool fetched = co_await fetch(job);
  if (fetched)
    for (auto& o : job->orders)
      if (!o.lost && !world_.over()) co_await bring(job, o);
}

/// To the restaurant and out again. True when it left with food.
asio::awaitable<bool> partner::fetch(job_ptr job) {
  const auto restaurant = restaurant_of(*job);
  if (body_.earliest_pickup(restaurant.at, day_time::min(), job->assigned) > shift_.off) {
    give_back(job);
    co_return false;
  }
  drive(restaurant, job->assigned);
  if (const bool ok = co_await reach(job, nullptr, body_.free_at()); !ok) co_return false;
  for (auto& o : job->orders)
    if (!o.lost) reports_.tell(job, o, delivery_step::at_restaurant);

  // Should an order be lost meanwhile, the others are not fetched any earlier.
  const auto when = body_.pickup_time(latest_ready(world_.day, *job));
  if (when > shift_.off) {
    if (const bool ok = co_await reach(job, nullptr, std::max(shift_.off, body_.free_at())); ok) give_back(job);
    co_return false;
  }
  if (const bool ok = co_await reach(job, nullptr, when); !ok) co_return false;
  body_.pick_up(when);
  record_pickup(job, when);
  for (auto& o : job->orders)
    if (!o.lost) reports_.tell(job, o, delivery_step::picked_up);
  co_return co_await reach(job, nullptr, body_.free_at());
}

asio::awaitable<void> partner::bring(job_ptr job, carried_order& o) {
  // The order before this one may have been lost on the way: nobody leaves before it is known.
  const bool undisturbed = std::none_of(job->orders.begin(), job->orders.end(), [](const auto& x) { return x.lost; });
  drive(door_of(o), undisturbed ? body_.free_at() : world_.now());
  if (const bool ok = co_await reach(job, &o, body_.free_at()); !ok) co_return;
  reports_.tell(job, o, delivery_step::at_customer);
  if (const bool ok = co_await reach(job, &o, body_.dropoff_time()); !ok) co_return;
  o.dropped_off = body_.drop_off();
  finished_orders_.insert(o.id);
  reports_.tell(job, o, delivery_step::delivered);
  (void)co_await reach(job, &o, body_.free_at());
}

/// True at `t`; false as soon as `o` (or, without one, the whole job) is lost or the day is over.
asio::awaitable<bool> partner::reach(job_ptr job, const carried_order* o, day_time t) {
  while (!world_.over()) {
    if (o != nullptr ? o->lost : all_lost(*job)) co_return false;
    if (const bool ok = co_await working_.until(t); ok) co_return o != nullptr ? !o->lost : !all_lost(*job);
  }
  co_return false;
}

void partner::give_back(const job_ptr& job) {
  for (auto& o : job->orders) {
    if (o.lost) continue;
    finished_orders_.insert(o.id);
    reports_.tell(job, o, delivery_step::released);
  }
}

void partner::record_pickup(const job_ptr& job, day_time when) {
  job_record taken{job->assigned, when, index_, {}};
  for (auto& o : job->orders) {
    if (o.lost) continue;
    o.picked_up = when;
    taken.orders.push_back(o.order);
  }
  world_.record.jobs.push_back(std::move(taken));
}

void partner::drive(place to, day_time wanted) {
  body_.drive(std::move(to), wanted);
  position_due_.notify();
}

}  // namespace dabba::city
