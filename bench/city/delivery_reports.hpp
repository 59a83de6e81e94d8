/// What a partner tells the platform of the orders it carries: one report after the other, each until it is known to be
/// done. The partner itself does not wait for them: food changes hands when it does, however slow the network.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>

#include "bench/city/wire.hpp"
#include "bench/city/world.hpp"

namespace dabba::city {

/// One order of a job under way.
struct carried_order {
  std::size_t order = 0;
  std::string id;
  bool lost = false;    ///< the platform took it away, or it was given back
  bool ending = false;  ///< its delivery or release is on its way to the platform
  day_time picked_up;
  day_time dropped_off;
};

/// A job a partner was awarded; its orders in drop-off sequence. The list never moves them.
struct accepted_job {
  std::list<carried_order> orders;
  day_time assigned;
  int number = 0;  ///< of this partner's jobs
};

enum class delivery_step { at_restaurant, picked_up, at_customer, delivered, released };

class delivery_reports {
 public:
  /// `on_lost` is told when the platform says that an order is not, or no longer, this partner's to carry.
  delivery_reports(world& w, std::size_t partner, account_id account, std::string client,
                   std::function<void()> on_lost);

  void tell(std::shared_ptr<accepted_job> job, carried_order& order, delivery_step step);
  [[nodiscard]] bool all_told() const { return queue_.empty(); }
  /// Until all is told.
  asio::awaitable<void> drain();
  /// Sends what is told until `finish`.
  asio::awaitable<void> run();
  void finish();
  /// Who carries the order as the platform sees it, when a look at it is allowed.
  asio::awaitable<http_answer> look_at(std::string order_id);

 private:
  struct report {
    std::shared_ptr<accepted_job> job;
    carried_order* order;
    delivery_step step;
  };
  enum class verdict { done, again, over };

  asio::awaitable<void> send(report r);
  asio::awaitable<command> command_of(report r);
  asio::awaitable<void> wait_for_the_food(report r);
  asio::awaitable<verdict> judge(report r, http_answer answer);
  void done(report r, const std::optional<delivery_view>& view);
  void lose(report r);

  world& world_;
  std::size_t partner_;
  account_id account_;
  std::string client_;
  std::function<void()> on_lost_;
  std::deque<report> queue_;
  signal changed_;
  bool finished_ = false;
};

}  // namespace dabba::city
