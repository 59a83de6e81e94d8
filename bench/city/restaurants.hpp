/// Restaurants: owners who register theirs, and the tablets in their kitchens.
#pragma once

#include <set>
#include <vector>

#include "bench/city/customers.hpp"
#include "bench/city/stream.hpp"

namespace dabba::city {

/// An owner of a few restaurants. One socket carries the orders of all of them.
class restaurant_owner final : public stream_listener {
 public:
  restaurant_owner(world& w, account_id account, std::string name, std::vector<std::size_t> sites);

  /// Registers each restaurant, has it approved by `admin`, opens it and puts a dish on its menu; `menus` is by site.
  /// Throws std::runtime_error when the platform refuses.
  asio::awaitable<void> onboard(account_id admin, std::vector<dish>& menus);
  void open();
  void close();
  void renew() { stream_.renew(); }

  void on_message(const server_message& message) override;

 private:
  struct step;

  asio::awaitable<void> onboard_site(std::size_t site, account_id admin, dish& menu);
  asio::awaitable<http_answer> must(command c);
  asio::awaitable<void> poll();
  /// Somebody ordered; whoever tells first. `note` is empty when only the order's id is known yet.
  void ordered(const std::string& order_id, const std::string& restaurant, const std::string& note);
  asio::awaitable<void> look_and_cook(std::string order_id, std::string restaurant);
  asio::awaitable<void> cook(std::string order_id, std::string restaurant, std::size_t order);
  asio::awaitable<bool> tell(step s, std::string body, std::string order_id, std::string restaurant);
  [[nodiscard]] command read_order(const std::string& order_id) const;

  world& world_;
  account_id account_;
  std::string name_;
  std::vector<std::size_t> sites_;
  std::vector<std::string> restaurant_ids_;
  std::set<std::string> cooking_;  ///< every order taken up, finished ones too
  stream stream_;
  day_sleeper poll_sleeper_;
  bool closing_ = false;
};

}  // namespace dabba::city
