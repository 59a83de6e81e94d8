#include "bench/micro/report.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace dabba::bench {
namespace {

/// Three or more significant digits, thousands set apart.
std::string to_text(double x) {
  int decimals = std::abs(x) >= 1000 ? 0 : std::abs(x) >= 100 ? 1 : 2;
  auto out = fmt::format("{:.{}f}", x, decimals);
  auto end = static_cast<std::ptrdiff_t>(std::min(out.find('.'), out.size()));
  for (auto at = end - 3; at > (x < 0 ? 1 : 0); at -= 3) out.insert(static_cast<std::size_t>(at), 1, ',');
  return out;
}

std::string to_text(const target& x) { return (x.at_least ? ">= " : "<= ") + to_text(x.value); }

}  // namespace

spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  auto middle = values.size() / 2;
  auto median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

void report::add(std::string name, std::string unit, const std::vector<double>& values, std::optional<target> goal) {
  if (values.empty()) return;
  rows_.push_back({std::move(name), std::move(unit), spread_of(values), values.size(), goal});
}

bool report::row::is_met() const {
  return goal->at_least ? figure.median >= goal->value : figure.median <= goal->value;
}

void report::print() const {
  fmt::print("{:<58} {:>14} {:>25}  {:<12} {}\n", title_, "median", "lowest .. highest", "unit", "target");
  for (const auto& x : rows_)
    fmt::print("{:<58} {:>14} {:>25}  {:<12} {}\n", x.name, to_text(x.figure.median),
               to_text(x.figure.low) + " .. " + to_text(x.figure.high), x.unit,
               x.goal ? to_text(*x.goal) + (x.is_met() ? ", met" : ", MISSED") : "");
  for (const auto& x : notes_) fmt::print("{}\n", x);
  fmt::print("{}\n", json());
  std::fflush(stdout);
}

std::string report::json() const {
  nlohmann::ordered_json out{
      {"benchmark", benchmark_}, {"title", title_}, {"figures", nlohmann::ordered_json::array()}};
  for (const auto& x : rows_) {
    nlohmann::ordered_json one{{"name", x.name},         {"unit", x.unit},           {"median", x.figure.median},
                               {"lowest", x.figure.low}, {"highest", x.figure.high}, {"rounds", x.rounds}};
    if (x.goal) {
      one[x.goal->at_least ? "atLeast" : "atMost"] = x.goal->value;
      one["met"] = x.is_met();
    }
    out["figures"].push_back(std::move(one));
  }
  return out.dump();
}

}  // namespace dabba::bench
