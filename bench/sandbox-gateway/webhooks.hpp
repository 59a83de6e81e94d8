/// Sends events to the endpoints that want them until each has said 2xx, with longer and longer pauses between.
///
/// Order is not kept, as with Stripe: several are under way at once, and a retry comes after what was younger.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "bench/sandbox-gateway/books.hpp"
#include "bench/sandbox-gateway/chance.hpp"
#include "bench/sandbox-gateway/faults.hpp"

namespace dabba::sandbox {

struct delivery_counts {
  std::uint64_t sent = 0;  ///< answered 2xx
  std::uint64_t failed = 0;
  std::uint64_t dropped = 0;  ///< by a fault
};

class webhook_sender {
 public:
  webhook_sender(boost::asio::any_io_executor executor, books& kept, const faults& how, dice& chance);
  ~webhook_sender();

  /// What has happened since the last time, and at the start what is still to be delivered.
  void send_new();
  void send_all_undelivered();
  /// Ends everything under way.
  void stop();

  [[nodiscard]] delivery_counts counts() const { return counts_; }

 private:
  class queue;
  friend class queue;

  void enqueue(const event& what);
  queue& queue_of(const std::string& endpoint);

  boost::asio::any_io_executor executor_;
  books& books_;
  const faults& faults_;
  dice& dice_;
  delivery_counts counts_;
  std::map<std::string, std::shared_ptr<queue>> queues_;
};

}  // namespace dabba::sandbox
