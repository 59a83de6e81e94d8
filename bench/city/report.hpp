/// What is said of a day when it is over: a table for people, JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "bench/city/checker.hpp"
#include "bench/city/day_record.hpp"
#include "bench/city/traffic.hpp"

namespace dabba::city {

struct day_report {
  std::string instance;
  double speed = 1;
  double real_seconds = 0;
  day_measures measures;
  traffic counts;
  /// Orders by the status the platform last gave them; `NOT_PLACED` for those it never took.
  std::map<std::string, std::size_t> by_status;
  std::vector<std::string> errors;  ///< the first ones
  std::size_t error_count = 0;
  bool checked = false;  ///< the database was read and compared
  std::vector<violation> violations;

  [[nodiscard]] bool good() const { return error_count == 0 && checked && violations.empty(); }
};

std::map<std::string, std::size_t> count_by_status(const day_record& record);
std::string report_table(const day_report& report);
std::string report_json(const day_report& report);

}  // namespace dabba::city
