/// The built-in synthetic city: one evening with a believable dinner rush, for those who have no instance folder.
#pragma once

#include <cstdint>

#include "bench/city/instance.hpp"

namespace dabba::city {

/// How much happens between minute 0 and `evening`. Partners are plentiful enough for `nearest` dispatch.
struct city_size {
  std::size_t restaurants = 60;
  std::size_t quarters = 8;  ///< where restaurants stand together
  std::size_t orders = 240;
  std::size_t partners = 70;
  double side_m = 7000;
  milliseconds evening{240 * 60'000};
};

/// The same city for the same seed and size, on every machine.
instance generate_city(std::uint64_t seed, const city_size& size = {});

}  // namespace dabba::city
