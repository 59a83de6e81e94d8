#include "tests/faults/support/verdict.hpp"

#include <fmt/format.h>

#include "bench/city/database_reader.hpp"

namespace dabba::fault_tests {
namespace {

constexpr std::size_t most_told = 20;

std::vector<std::string> told(const std::vector<city::violation>& found) {
  std::vector<std::string> out;
  for (const auto& each : found) {
    if (out.size() == most_told) {
      out.push_back(fmt::format("and {} more", found.size() - most_told));
      break;
    }
    out.push_back(each.invariant + ": " + each.what);
  }
  return out;
}

/// Orders that a customer of the load placed and was never told of: a key that took effect twice.
void find_untold(cluster_under_test& cluster, const steady_load& load, std::vector<std::string>& into) {
  std::set<std::string> told_of;
  for (const auto& each : load.history().keyed_answers) told_of.insert(each.order);
  for (const auto& row : cluster.db().rows("select order_id, customer_id from ordering.order_head"))
    if (load.customers().contains(row[1]) && !told_of.contains(row[0]) && into.size() < most_told)
      into.push_back(fmt::format("I5: order {} of customer {} was placed, but nobody was told of it", row[0], row[1]));
}

}  // namespace

std::vector<std::string> verdict(cluster_under_test& cluster, const steady_load& load) {
  auto seen = load.history();
  seen.owners = cluster.owners();
  auto found = told(city::check(seen, city::read_database(cluster.database())));
  find_untold(cluster, load, found);
  found.insert(found.end(), load.complaints().begin(), load.complaints().end());
  return found;
}

std::vector<std::string> verdict(cluster_under_test& cluster) {
  city::recorded_history seen;
  seen.owners = cluster.owners();
  return told(city::check(seen, city::read_database(cluster.database())));
}

}  // namespace dabba::fault_tests
