/// What time it is, by the cluster's tables.
#pragma once

#include "persistence/store.hpp"

namespace dabba::program {

struct cluster_time {
  instant real;
  instant platform;
};

inline cluster_time time_of(const clock_setting& x) {
  auto since = std::chrono::duration_cast<duration>(std::chrono::steady_clock::now() - x.read_at);
  auto real = x.real_now + since;
  auto passed = static_cast<double>((real - x.real_anchor).count()) * x.scale;
  return {real, x.platform_anchor + duration{static_cast<std::int64_t>(passed)}};
}

}  // namespace dabba::program
