#include "bench/micro/rounds.hpp"

#include <fmt/core.h>
#include <algorithm>

namespace dabba::bench {

void take_turns(std::span<contender> contenders, int rounds) {
  for (int round = 1; round <= rounds; ++round)
    for (auto& one : contenders) {
      fmt::print(stderr, "round {} of {}: {}\n", round, rounds, one.name);
      one.figures.push_back(one.measure());
    }
}

std::vector<double> ratios(const std::vector<double>& figures, const std::vector<double>& peer) {
  std::vector<double> out(figures.size());
  std::ranges::transform(figures, peer, out.begin(), std::divides{});
  return out;
}

std::vector<double> better_of(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out(a.size());
  std::ranges::transform(a, b, out.begin(), [](double x, double y) { return std::max(x, y); });
  return out;
}

}  // namespace dabba::bench
