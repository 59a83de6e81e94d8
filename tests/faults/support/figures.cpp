#include "tests/faults/support/figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

namespace dabba::fault_tests {
namespace {

constexpr double times_in_short_form = 3;
constexpr double least_in_short_form_s = 10;

bool holds(double measured, target wanted) {
  switch (wanted.how) {
    case bound::at_most: return measured <= wanted.value;
    case bound::at_least: return measured >= wanted.value;
    case bound::exactly: return measured == wanted.value;
  }
  return false;
}

const char* sign_of(bound how) {
  switch (how) {
    case bound::at_most: return "<=";
    case bound::at_least: return ">=";
    case bound::exactly: return "=";
  }
  return "";
}

void record(int fault, const std::string& what, double measured, const std::string& unit, const std::string& wanted,
            const char* verdict) {
  // No field is empty: tabs in a row count as one for those who read this with a shell.
  auto line =
      fmt::format("{}\t{}\t{:.6g}\t{}\t{}\t{}\n", fault, what, measured, unit.empty() ? "-" : unit, wanted, verdict);
  std::cout << "figure\t" << line << std::flush;
  const char* file = std::getenv("DABBA_FAULT_FIGURES");
  if (file && *file) std::ofstream{file, std::ios::app} << line;
}

}  // namespace

bool meets(int fault, const std::string& what, double measured, const std::string& unit, target wanted) {
  bool good = holds(measured, wanted);
  record(fault, what, measured, unit, fmt::format("{} {:.6g}", sign_of(wanted.how), wanted.value), good ? "yes" : "no");
  return good;
}

bool meets(int fault, const std::string& what, double measured, const std::string& unit, target wanted,
           target in_short_form) {
  bool good = meets(fault, what, measured, unit, wanted);
  return is_long_form() ? good : holds(measured, in_short_form);
}

bool in_time(int fault, const std::string& what, double measured_s, double target_s) {
  return meets(fault, what, measured_s, "s", at_most(target_s),
               at_most(std::max(times_in_short_form * target_s, least_in_short_form_s)));
}

bool all_in_time(int fault, const std::string& what, const std::vector<double>& times_s, double target_p99_s) {
  note_figure(fault, what + " p50", percentile(times_s, 0.5), "s");
  bool good = in_time(fault, what + " p99", percentile(times_s, 0.99), target_p99_s);
  note_figure(fault, what + " longest", percentile(times_s, 1), "s");
  return good;
}

void note_figure(int fault, const std::string& what, double measured, const std::string& unit) {
  record(fault, what, measured, unit, "-", "-");
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double seconds(steady::duration time) { return std::chrono::duration<double>{time}.count(); }

steady::duration time_for_repeats() {
  const char* minutes = std::getenv("DABBA_FAULT_MINUTES");
  if (!minutes || !*minutes) return {};
  return std::chrono::duration_cast<steady::duration>(
      std::chrono::duration<double, std::ratio<60>>{std::atof(minutes)});
}

bool is_long_form() { return time_for_repeats() > steady::duration::zero(); }

}  // namespace dabba::fault_tests
