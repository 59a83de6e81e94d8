#include "bench/city/world.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "bench/city/wire.hpp"

namespace dabba::city {

using std::chrono::steady_clock;

day_sleeper::day_sleeper(world& w) : world_(w), alarm_(w.executor) { world_.sleepers_.insert(this); }

day_sleeper::~day_sleeper() { world_.sleepers_.erase(this); }

void day_sleeper::poke() {
  poked_ = true;
  alarm_.notify();
}

asio::awaitable<bool> day_sleeper::until(day_time t) {
  while (!world_.over() && !poked_) {
    const auto due = world_.clock.when(world_.clock.platform_of(t));
    if (steady_clock::now() >= due && world_.now() >= t) co_return true;
    co_await alarm_.wait_until(due);
  }
  poked_ = false;
  co_return false;
}

world::world(asio::any_io_executor on, const instance& the_day, world_options with, server_address address,
             token_book accounts, double scale)
    : executor(std::move(on)),
      day(the_day),
      options(with),
      map(centre_of(the_day)),
      server(std::move(address)),
      run(new_uuid().substr(24)),
      clock(scale),
      tokens(std::move(accounts)),
      record(the_day),
      orders(the_day.orders.size()),
      http_(executor, server, limits::http_connections),
      jitter_(with.seed),
      open_orders_(the_day.orders.size()) {
  for (std::size_t i = 0; i < day.orders.size(); ++i) order_of_name_.emplace(day.orders[i].name, i);
}

void world::end_day() {
  if (over()) return;
  over_since_ = steady_clock::now();
  for (auto* sleeper : sleepers_) sleeper->poke();
}

bool world::too_late() const {
  return over() && steady_clock::now() > *over_since_ + limits::wrap_up_patience - limits::request_timeout;
}

void world::spawn(const std::string& client, asio::awaitable<void> task) {
  ++running_;
  asio::co_spawn(executor, std::move(task), [this, client](std::exception_ptr thrown) {
    --running_;
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      log.error(client, fmt::format("stopped: {}", e.what()));
    }
  });
}

asio::awaitable<void> world::pause(real_time::duration real) {
  asio::steady_timer timer{executor, real};
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<http_answer> world::ask(const command& c) {
  log.command(c.client, c.kind, c.target, c.key);
  http_request request{c.method, c.target, tokens.token(c.by), c.key, c.body};
  const auto sent = steady_clock::now();
  auto answer = co_await http_.send(std::move(request));
  auto& kind = counts.requests[c.kind];
  if (answer.status == 0) {
    ++kind.unanswered;
    co_return answer;
  }
  ++kind.answered;
  kind.latencies_ms.push_back(std::chrono::duration<float, std::milli>(steady_clock::now() - sent).count());
  if (answer.status == 429 || answer.status == 503) {
    ++kind.busy;
  } else if (answer.status >= 400) {
    ++kind.refused;
    log.refused(c.client, c.kind, c.target, answer.status, problem_code(answer.status, answer.body));
  }
  co_return answer;
}

/// True when there is nothing to be gained by asking again.
bool world::answers(const http_answer& a, const command& c) {
  if (a.status == 0 || a.status == 429 || a.status == 503) return false;
  if (a.status < 500) return true;
  log.error(c.client, fmt::format("{} {} was answered {}: {:.300}", c.method, c.target, a.status, a.body));
  return false;
}

real_time::duration world::backoff_before(int attempt) {
  const auto doubled = limits::backoff_first * (1 << std::min(attempt - 1, 10));
  const auto bounded = std::min<real_time::duration>(doubled, limits::backoff_longest);
  return std::chrono::duration_cast<real_time::duration>(bounded * jitter_.uniform(0.75, 1.25));
}

asio::awaitable<http_answer> world::insist(const command& c, real_time::duration patience) {
  const auto give_up = steady_clock::now() + patience;
  for (int attempt = 1;; ++attempt) {
    auto answer = co_await ask(c);
    if (answers(answer, c) || steady_clock::now() > give_up || too_late()) co_return answer;
    auto wait = backoff_before(attempt);
    if (answer.retry_after)
      wait = std::max(wait, std::min<real_time::duration>(*answer.retry_after, limits::backoff_longest));
    co_await pause(wait);
  }
}

std::optional<std::size_t> world::order_called(const std::string& name) const {
  const auto it = order_of_name_.find(name);
  return it == order_of_name_.end() ? std::nullopt : std::optional{it->second};
}

std::optional<std::size_t> world::order_with_id(const std::string& id) const {
  const auto it = order_of_id_.find(id);
  return it == order_of_id_.end() ? std::nullopt : std::optional{it->second};
}

void world::learn_order(std::size_t order, const std::string& id) {
  auto& known = orders[order].id;
  if (known == id) return;
  if (!known.empty()) {
    log.error("city", fmt::format("order {} has two ids, {} and {}", day.orders[order].name, known, id));
    return;
  }
  known = id;
  order_of_id_.emplace(id, order);
}

void world::order_ended(std::size_t order, const std::string& final_status) {
  record.orders[order].final_status = final_status;
  if (orders[order].ended) return;
  orders[order].ended = true;
  --open_orders_;
}

}  // namespace dabba::city
