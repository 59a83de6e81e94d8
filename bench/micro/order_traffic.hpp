/// Orders that live their whole life again and again: placed, accepted, assigned, cooked, fetched, delivered. Each
/// command goes the way it goes in service, from the region to the order's actor and to the journal, and the next one
/// of the same order follows its answer.
#pragma once

#include <caf/actor_system.hpp>
#include <chrono>
#include <memory>

#include "protocols/actors.hpp"

namespace dabba::bench {

struct traffic_count {
  std::uint64_t transitions = 0;  ///< commands of orders that were answered, and so committed
  std::uint64_t refused = 0;
  double seconds = 0;
};

class order_traffic {
 public:
  /// Registers restaurants and places `orders` orders, waiting for all. Throws std::runtime_error.
  order_traffic(caf::actor_system& system, region_actor region, std::size_t orders);
  ~order_traffic();
  order_traffic(const order_traffic&) = delete;
  order_traffic& operator=(const order_traffic&) = delete;

  /// A closed loop for about `time`: always `in_flight` commands, each of another order.
  traffic_count run(std::size_t in_flight, std::chrono::milliseconds time);
  /// All transitions so far.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

 private:
  struct pool;

  void prepare(std::size_t orders);

  caf::actor_system& system_;
  region_actor region_;
  std::shared_ptr<pool> pool_;
  std::uint64_t total_ = 0;
};

}  // namespace dabba::bench
