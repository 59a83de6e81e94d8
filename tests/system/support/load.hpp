/// Customers who place one order after the other and insist on an answer, whatever happens to the node meanwhile.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {

/// One request and what became of it.
struct attempt {
  steady::time_point began;
  unsigned status = 0;  ///< 0: no answer
  bool says_when_to_retry = false;
};

struct placed_order {
  std::string customer;
  std::string key;
  std::string note;  ///< the body's only part that differs from order to order
  std::string order;
};

class order_load {
 public:
  order_load(const test_node& node, const restaurant& from, int customers);
  ~order_load();
  order_load(const order_load&) = delete;
  order_load& operator=(const order_load&) = delete;

  [[nodiscard]] std::size_t acknowledged_so_far() const { return acknowledged_.load(); }
  /// Every customer goes on until the order under way is acknowledged, for a bounded time.
  void stop();

  // Once stopped:
  [[nodiscard]] std::vector<placed_order> placed() const;
  [[nodiscard]] std::vector<attempt> attempts() const;
  /// Answers that were neither an order nor a request to come again, and customers who gave up.
  [[nodiscard]] std::vector<std::string> complaints() const;

 private:
  struct buyer {
    std::string id;
    std::vector<placed_order> placed;
    std::vector<attempt> attempts;
    std::vector<std::string> complaints;
    std::thread thread;
  };

  void live(buyer& me, http_client http);
  bool place(buyer& me, http_client& http, placed_order& order);

  const restaurant& from_;
  std::vector<buyer> buyers_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> acknowledged_{0};
};

/// What of the stopped load's acknowledgements the database does not bear out: lost orders, and orders nobody placed.
std::vector<std::string> discrepancies(const order_load& load, const test_node& node);

}  // namespace dabba::system_tests
