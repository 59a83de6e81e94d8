/// The journal's PostgreSQL side by itself: full batches of orders' commands from one thread, no actors.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "persistence/store.hpp"

namespace dabba::bench {

class bare_journal {
 public:
  /// `writer` owns `shards` already.
  bare_journal(std::unique_ptr<journal_writer> writer, const std::vector<owned_shard>& shards, std::size_t orders);

  /// Commands committed per second. Throws std::runtime_error when one was not.
  double commands_per_second(std::chrono::milliseconds time);
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

 private:
  std::unique_ptr<journal_writer> writer_;
  std::vector<append> commands_;  ///< the next of each order
  std::size_t next_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace dabba::bench
