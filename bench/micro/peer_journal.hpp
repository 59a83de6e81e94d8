/// The peer of the journal: pgbench, inserting one row per transaction into a table like the journal's.
#pragma once

#include <chrono>

#include "bench/micro/own_database.hpp"

namespace dabba::bench {

class peer_journal {
 public:
  static constexpr int clients = 32;

  explicit peer_journal(const own_database& database);

  /// Transactions per second as pgbench itself counts them. Throws std::runtime_error.
  [[nodiscard]] double transactions_per_second(std::chrono::seconds time) const;

 private:
  const own_database& database_;
};

}  // namespace dabba::bench
