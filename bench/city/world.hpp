/// What all clients of the city share: the day, its clock, the way to the platform, and the books that are kept.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "bench/city/day_record.hpp"
#include "bench/city/history.hpp"
#include "bench/city/http_pool.hpp"
#include "bench/city/identity.hpp"
#include "bench/city/limits.hpp"
#include "bench/city/platform_clock.hpp"
#include "bench/city/projection.hpp"
#include "bench/city/random_source.hpp"
#include "bench/city/traffic.hpp"

namespace dabba::city {

class world;

/// Sleeps until a time of the day; wakes early when poked, and at once when the day is over. For one waiter.
class day_sleeper {
 public:
  explicit day_sleeper(world& w);
  ~day_sleeper();
  day_sleeper(const day_sleeper&) = delete;
  day_sleeper& operator=(const day_sleeper&) = delete;

  /// True when `t` has come, never before; false when poked or when the day is over.
  asio::awaitable<bool> until(day_time t);
  void poke();

 private:
  world& world_;
  alarm_signal alarm_;
  bool poked_ = false;
};

/// One order of the instance, as the people of the city know it between themselves.
struct order_in_city {
  std::string id;           ///< the platform's; empty before somebody learnt it
  bool ready_told = false;  ///< the restaurant's "ready" was acknowledged: the food can be handed over
  bool ended = false;       ///< delivered, cancelled, rejected or failed, as an event or an answer said
  /// The customer at the door: what the app shows as PIN.
  std::function<asio::awaitable<std::string>()> tell_pin;
};

/// A command to the platform over HTTP.
struct command {
  std::string kind;  ///< for the statistics: `checkout`, `accept`, ..
  std::string method;
  std::string target;
  std::string body;
  std::string key;  ///< the Idempotency-Key of a POST
  account_id by;
  std::string client;  ///< who sends it, for the history
};

struct world_options {
  std::uint64_t seed = 1;
  double accept_share = 1;  ///< of the offers that a partner could carry
};

class world {
 public:
  world(asio::any_io_executor executor, const instance& day, world_options options, server_address server,
        token_book tokens, double scale);

  // The day and its time.
  [[nodiscard]] day_time now() const { return clock.day_at(std::chrono::steady_clock::now()); }
  [[nodiscard]] bool over() const { return over_since_.has_value(); }
  /// Wakes everybody who sleeps; from now on commands are insisted upon for a short while only.
  void end_day();

  // The clients: every task is counted, and what one throws is an error of the run.
  void spawn(const std::string& client, asio::awaitable<void> task);
  [[nodiscard]] std::size_t running() const { return running_; }
  asio::awaitable<void> pause(real_time::duration real);

  // The way to the platform.
  /// One attempt.
  asio::awaitable<http_answer> ask(const command& c);
  /// Repeats the command, with its key, while no answer comes or the platform is busy, backing off within bounds, until
  /// `patience` has passed or the wrap-up after the day has. Returns the last answer.
  asio::awaitable<http_answer> insist(const command& c, real_time::duration patience);
  /// How long to wait before attempt `attempt` (the first retry is 1).
  [[nodiscard]] real_time::duration backoff_before(int attempt);
  /// True when there is no sense in trying any more.
  [[nodiscard]] bool too_late() const;

  // Orders by the names the two sides have for them.
  [[nodiscard]] std::optional<std::size_t> order_called(const std::string& name) const;
  [[nodiscard]] std::optional<std::size_t> order_with_id(const std::string& id) const;
  void learn_order(std::size_t order, const std::string& id);
  void order_ended(std::size_t order, const std::string& final_status);
  /// Orders of the day that have not ended yet, those still to be placed included.
  [[nodiscard]] std::size_t open_orders() const { return open_orders_; }

  const asio::any_io_executor executor;
  const instance& day;
  const world_options options;
  const projection map;
  const server_address server;
  /// Tells this run from others against the same database.
  const std::string run;

  platform_clock clock;
  token_book tokens;
  history log;
  traffic counts;
  day_record record;
  std::vector<order_in_city> orders;

 private:
  friend class day_sleeper;

  [[nodiscard]] bool answers(const http_answer& a, const command& c);

  http_pool http_;
  random_source jitter_;
  std::unordered_map<std::string, std::size_t> order_of_id_;
  std::unordered_map<std::string, std::size_t> order_of_name_;
  std::unordered_set<day_sleeper*> sleepers_;
  std::size_t running_ = 0;
  std::size_t open_orders_ = 0;
  std::optional<real_time> over_since_;
};

}  // namespace dabba::city
