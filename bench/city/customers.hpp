/// People who order dinner: each with an app that places orders over HTTP and follows them over one socket.
#pragma once

#include <vector>

#include "bench/city/stream.hpp"

namespace dabba::city {

/// What a customer picks from a restaurant's menu.
struct dish {
  std::string restaurant;  ///< the platform's id
  std::string item;
};

class customer final : public stream_listener {
 public:
  /// `menus` is by restaurant, in the instance's order, and outlives the customer.
  customer(world& w, account_id account, std::string name, const std::vector<dish>& menus);

  /// Will order what the instance says; before `open`.
  void wants(std::size_t order) { orders_.push_back(order); }
  void open();
  /// After the day: looks up what became of the orders whose end was not seen, until `give_up`.
  asio::awaitable<void> settle(real_time give_up);
  void close() { stream_.close(); }
  void renew() { stream_.renew(); }

  void on_message(const server_message& message) override;

 private:
  asio::awaitable<void> order_dinner(std::size_t order);
  asio::awaitable<void> order_again(std::size_t order, command checkout);
  asio::awaitable<std::string> tell_pin(std::size_t order);
  [[nodiscard]] command checkout_of(std::size_t order) const;
  [[nodiscard]] command look_up(std::size_t order) const;

  world& world_;
  account_id account_;
  std::string name_;
  const std::vector<dish>& menus_;
  std::vector<std::size_t> orders_;
  stream stream_;
};

}  // namespace dabba::city
