/// Contenders measured in turn, round after round, so that whatever else the machine does falls on all of them; what is
/// reported is the ratio within each round.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace dabba::bench {

struct contender {
  std::string name;
  std::function<double()> measure;  ///< one figure, in the benchmark's unit
  std::vector<double> figures{};    ///< one for each round
};

/// A, B, C, A, B, C, ...; says on stderr how far it is.
void take_turns(std::span<contender> contenders, int rounds);

/// Round by round.
std::vector<double> ratios(const std::vector<double>& figures, const std::vector<double>& peer);
std::vector<double> better_of(const std::vector<double>& a, const std::vector<double>& b);

/// Calls `one(i)` with i = 0, 1, 2, ... for about `time`; gives the calls per second.
template <class One>
double calls_per_second(std::chrono::milliseconds time, One one) {
  constexpr std::size_t between_looks = 64;  // at the clock
  auto begin = std::chrono::steady_clock::now();
  std::chrono::duration<double> passed{0};
  std::size_t calls = 0;
  while (passed < time) {
    for (std::size_t i = 0; i < between_looks; ++i) one(calls++);
    passed = std::chrono::steady_clock::now() - begin;
  }
  return static_cast<double>(calls) / passed.count();
}

}  // namespace dabba::bench
