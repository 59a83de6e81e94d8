#include "bench/city/day_record.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

namespace dabba::city {

namespace {

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> p90(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(0.9 * static_cast<double>(values.size()))];
}

/// Click-to-door as if a partner stood at the restaurant when the food was ready.
double unreachable_bound(const instance& day, const order_demand& o) {
  const auto& p = day.parameters;
  const double drive = distance_m(day.restaurants[o.restaurant].at, o.at) / p.metres_per_minute;
  return in_minutes(o.ready - o.placed) + in_minutes(p.pickup_service) / 2 + drive + in_minutes(p.dropoff_service) / 2;
}

std::vector<std::size_t> delivered_of(const job_record& job, const day_record& record) {
  std::vector<std::size_t> delivered;
  for (const auto o : job.orders)
    if (record.orders[o].delivered() && record.orders[o].partner == job.partner) delivered.push_back(o);
  return delivered;
}

double cost_of(const instance& day, const day_record& record) {
  std::vector<std::size_t> carried(day.partners.size());
  for (const auto& o : record.orders)
    if (o.delivered()) ++carried[*o.partner];
  double cost = 0;
  for (std::size_t i = 0; i < day.partners.size(); ++i) {
    const double hours = in_minutes(day.partners[i].off - day.partners[i].on) / 60;
    cost += std::max(
        day.parameters.pay_per_order * static_cast<double>(carried[i]), day.parameters.guaranteed_pay_per_hour * hours);
  }
  return cost;
}

double utilisation_of(const instance& day, const day_record& record) {
  milliseconds shifts{0};
  milliseconds worked{0};
  for (const auto& p : day.partners) shifts += p.off - p.on;
  for (const auto w : record.worked) worked += w;
  return shifts.count() == 0 ? 0 : in_minutes(worked) / in_minutes(shifts);
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out{file};
  if (!(out << text).flush()) throw std::runtime_error{fmt::format("{} can't be written", file.string())};
}

}  // namespace

day_measures measure(const instance& day, const day_record& record) {
  day_measures m;
  m.orders = day.orders.size();
  std::vector<double> click_to_door, ready_to_pickup, excess, overage, bounds;
  for (std::size_t i = 0; i < day.orders.size(); ++i) {
    const auto& demand = day.orders[i];
    const auto& outcome = record.orders[i];
    bounds.push_back(unreachable_bound(day, demand));
    if (!outcome.delivered()) continue;
    const double took = in_minutes(*outcome.dropped_off - demand.placed);
    click_to_door.push_back(took);
    excess.push_back(took - bounds.back());
    overage.push_back(std::max(0.0, took - in_minutes(day.parameters.target_click_to_door)));
    ready_to_pickup.push_back(in_minutes(*outcome.picked_up - demand.ready));
  }
  m.delivered = click_to_door.size();
  m.click_to_door = mean(click_to_door);
  m.click_to_door_p90 = p90(click_to_door);
  m.ready_to_pickup = mean(ready_to_pickup);
  m.excess = mean(excess);
  m.overage = mean(overage);
  m.bound = mean(bounds).value_or(0);
  m.utilisation = utilisation_of(day, record);
  m.cost_per_order = cost_of(day, record) / static_cast<double>(std::max<std::size_t>(1, m.delivered));
  const auto bundles = std::count_if(
      record.jobs.begin(), record.jobs.end(), [&](const job_record& j) { return !delivered_of(j, record).empty(); });
  m.orders_per_bundle = static_cast<double>(m.delivered) / static_cast<double>(std::max<std::ptrdiff_t>(1, bundles));
  return m;
}

void write_solution(const instance& day, const day_record& record, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::string assignments = "assignment_time pickup_time courier order\n";
  for (const auto& job : record.jobs) {
    const auto delivered = delivered_of(job, record);
    if (delivered.empty()) continue;
    assignments += fmt::format(
        "{:.5f} {:.5f} {}", minute_of(job.assigned), minute_of(job.picked_up), day.partners[job.partner].name);
    for (const auto o : delivered) assignments += ' ' + day.orders[o].name;
    assignments += '\n';
  }

  std::string orders = "order placement_time ready_time pickup_time dropoff_time courier\n";
  for (std::size_t i = 0; i < day.orders.size(); ++i) {
    const auto& demand = day.orders[i];
    const auto& outcome = record.orders[i];
    if (!outcome.delivered()) continue;
    orders += fmt::format(
        "{} {:.5f} {:.5f} {:.5f} {:.5f} {}\n", demand.name, minute_of(demand.placed), minute_of(demand.ready),
        minute_of(*outcome.picked_up), minute_of(*outcome.dropped_off), day.partners[*outcome.partner].name);
  }

  std::string legs = "courier departure_time origin destination\n";
  for (std::size_t i = 0; i < record.legs.size(); ++i)
    for (const auto& l : record.legs[i])
      legs += fmt::format("{} {:.5f} {} {}\n", day.partners[i].name, minute_of(l.depart), l.from.name, l.to.name);

  write_file(folder / "solution_info_assignments.txt", assignments);
  write_file(folder / "solution_info_orders.txt", orders);
  write_file(folder / "solution_info_couriers.txt", legs);
}

}  // namespace dabba::city
