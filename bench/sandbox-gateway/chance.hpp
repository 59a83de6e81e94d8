/// Time, ids nobody can guess, and dice.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "bench/sandbox-gateway/objects.hpp"

namespace dabba::sandbox {

unix_seconds now_seconds();
unix_millis now_millis();

/// `length` letters and digits behind the prefix, from the system's generator.
std::string make_id(std::string_view prefix, std::size_t length = 24);

/// Whether a fault happens; the same seed gives the same sequence.
class dice {
 public:
  explicit dice(std::uint64_t seed) : engine_{seed} {}

  bool happens(double probability) {
    return probability > 0 && std::uniform_real_distribution<double>{0, 1}(engine_) < probability;
  }
  /// From 0 to `most`.
  std::chrono::milliseconds up_to(std::chrono::milliseconds most) {
    return std::chrono::milliseconds{std::uniform_int_distribution<std::int64_t>{0, most.count()}(engine_)};
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace dabba::sandbox
