/// One day of a city's demand, as the Meal Delivery Routing Problem describes it: restaurants, orders, and the shifts
/// of those who carry them. Coordinates are metres in a plane, times minutes of the day.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bench/city/day_time.hpp"

namespace dabba::city {

struct point {
  double x_m = 0;
  double y_m = 0;
  friend bool operator==(const point&, const point&) = default;
};

double distance_m(point a, point b);

struct day_parameters {
  double metres_per_minute = 320;
  milliseconds pickup_service{4 * 60'000};
  milliseconds dropoff_service{4 * 60'000};
  milliseconds target_click_to_door{40 * 60'000};
  milliseconds maximum_click_to_door{90 * 60'000};
  double pay_per_order = 10;
  double guaranteed_pay_per_hour = 15;
};

struct restaurant_site {
  std::string name;
  point at;
};

struct order_demand {
  std::string name;
  point at;
  day_time placed;
  std::size_t restaurant = 0;  ///< index into `instance::restaurants`
  day_time ready;
};

struct partner_shift {
  std::string name;
  point at;
  day_time on;
  day_time off;
};

struct instance {
  std::string name;
  day_parameters parameters;
  std::vector<restaurant_site> restaurants;
  std::vector<order_demand> orders;
  std::vector<partner_shift> partners;

  [[nodiscard]] day_time last_placement() const;
};

/// What is wrong with a folder, one problem a line, each with its file and line number.
struct instance_problems {
  std::vector<std::string> lines;
};

/// Reads `restaurants.txt`, `orders.txt`, `couriers.txt` and `instance_parameters.txt`. Columns are separated by tabs
/// or spaces; carriage returns and blank lines are passed over. All problems are gathered, up to twenty.
tl::expected<instance, instance_problems> read_instance(const std::filesystem::path& folder);

/// Writes the same four files, so that others' programs can read a generated day. Throws std::runtime_error.
void write_instance(const instance& day, const std::filesystem::path& folder);

}  // namespace dabba::city
