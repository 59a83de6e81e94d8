/// A whole day of a city against a running platform.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "bench/city/customers.hpp"
#include "bench/city/partner.hpp"
#include "bench/city/restaurants.hpp"
#include "bench/city/world.hpp"

namespace dabba::city {

struct city_setup {
  server_address server;
  std::filesystem::path token_program;
  std::filesystem::path signing_key;
  double speed = 60;
  world_options options;
};

/// How the day stands, for a progress display.
struct day_progress {
  day_time now;
  day_time end;  ///< when the day is over in any case
  std::size_t orders = 0;
  std::size_t placed = 0;
  std::size_t open = 0;  ///< placed and not ended
  std::size_t delivered = 0;
};

class city {
 public:
  city(const instance& day, city_setup setup);
  ~city();

  /// Runs the day to its end on the calling thread. Whatever goes wrong on the way is in the world's log; throws
  /// std::runtime_error when the city can't even open.
  void run();
  /// Called a few times a second while the day lasts.
  void on_progress(std::function<void(const day_progress&)> show) { show_ = std::move(show); }

  [[nodiscard]] world& books() { return *world_; }
  /// True when clients did not end with the day. They still use what belongs to this object: do not destroy it, end the
  /// process.
  [[nodiscard]] bool is_stuck() const { return world_->running() > 0; }
  /// Real seconds from opening to the last client's end.
  [[nodiscard]] double real_seconds() const { return real_seconds_; }

 private:
  asio::awaitable<void> live();
  asio::awaitable<void> open_shop();
  asio::awaitable<void> meet_the_clock();
  asio::awaitable<void> mint_tokens();
  asio::awaitable<void> onboard_restaurants();
  asio::awaitable<void> the_day();
  asio::awaitable<void> close_up();
  asio::awaitable<void> keep_time();
  asio::awaitable<void> keep_tokens_fresh();
  asio::awaitable<void> keep_showing();
  asio::awaitable<bool> read_clock();
  void make_people();
  [[nodiscard]] day_progress progress() const;
  [[nodiscard]] day_time hard_end() const;

  const instance& day_;
  city_setup setup_;
  asio::io_context io_;
  asio::thread_pool helper_{1};
  std::unique_ptr<world> world_;
  account_id admin_;
  std::vector<dish> menus_;
  std::vector<std::unique_ptr<restaurant_owner>> owners_;
  std::vector<std::unique_ptr<customer>> customers_;
  std::vector<std::unique_ptr<partner>> partners_;
  std::function<void(const day_progress&)> show_;
  std::exception_ptr failure_;
  double real_seconds_ = 0;
};

}  // namespace dabba::city
