/// What physically happened on a day, and the files and measures the problem's authors defined over it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/city/instance.hpp"
#include "bench/city/physics.hpp"

namespace dabba::city {

/// How one order of the instance went. An order is delivered when the platform acknowledged its delivery.
struct order_outcome {
  std::optional<day_time> picked_up;
  std::optional<day_time> dropped_off;
  std::optional<std::size_t> partner;
  std::string final_status;  ///< what the platform last said, empty when the order was never placed

  [[nodiscard]] bool delivered() const { return dropped_off.has_value(); }
};

/// A job that was picked up: its orders in drop-off sequence.
struct job_record {
  day_time assigned;
  day_time picked_up;
  std::size_t partner = 0;
  std::vector<std::size_t> orders;
};

/// Indices are those of the instance.
struct day_record {
  std::vector<order_outcome> orders;
  std::vector<job_record> jobs;
  std::vector<std::vector<leg>> legs;  ///< per partner
  std::vector<milliseconds> worked;    ///< per partner: driving and serving

  explicit day_record(const instance& day)
      : orders(day.orders.size()), legs(day.partners.size()), worked(day.partners.size()) {}
};

/// Minutes unless said otherwise; absent when nothing was delivered.
struct day_measures {
  std::size_t orders = 0;
  std::size_t delivered = 0;
  std::optional<double> click_to_door;
  std::optional<double> click_to_door_p90;
  std::optional<double> ready_to_pickup;
  std::optional<double> excess;   ///< mean click-to-door of the delivered minus their unreachable bound
  std::optional<double> overage;  ///< mean minutes beyond the target click-to-door
  double bound = 0;               ///< over all orders
  double utilisation = 0;         ///< share of all shift time spent driving and serving
  double cost_per_order = 0;      ///< the larger of per-order and guaranteed pay, per delivered order
  double orders_per_bundle = 0;
};

/// The definitions are those of the instances' authors.
day_measures measure(const instance& day, const day_record& record);

/// Writes `solution_info_assignments.txt`, `solution_info_orders.txt` and `solution_info_couriers.txt`. Orders that
/// were not delivered are left out; legs driven for nothing are not. Throws std::runtime_error.
void write_solution(const instance& day, const day_record& record, const std::filesystem::path& folder);

}  // namespace dabba::city
