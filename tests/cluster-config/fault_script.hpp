/// A schedule of faults drawn from a seed, and what it shows.
#pragma once

#include "tests/cluster-config/simulator.hpp"

namespace dabba::simulation {

/// Once everything works again, the cluster is as it should be within so long: a node that was lost in the last moment
/// is found dead after its lease and a renewal, its place is taken, and the shares are made equal eight shards at a
/// time.
inline constexpr moment settling_patience = 20s;

/// How long a schedule took to settle. Throws `broken_promise` with the seed and the end of the trace.
moment run_schedule(std::uint64_t seed);

}  // namespace dabba::simulation
