/// Numbers that look random and are the same on every machine for the same seed: the standard's distributions are not.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace dabba::city {

class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  /// SplitMix64 (Steele, Lea, Flood 2014).
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double from, double to) { return from + (to - from) * uniform(); }
  /// In [0, n); `n` is far below 2^32 here, so that the bias of the remainder does not matter.
  std::size_t below(std::size_t n) { return next() % n; }
  /// Standard normal, by Box and Muller.
  double normal() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform()); }

 private:
  std::uint64_t state_;
};

}  // namespace dabba::city
