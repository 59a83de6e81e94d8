/// What coroutines of one thread wait on until another of them says so.
///
/// A rule for all coroutines here: no `co_await` in the condition of an `if`. GCC 12 miscompiles it; the result goes
/// into a variable first (`if (const bool ok = co_await x; !ok)`).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bench/city/day_time.hpp"

namespace dabba::city {

namespace asio = boost::asio;

/// Wakes whoever waits. Nobody is told twice and nothing is remembered: check the condition, wait, check again. As all
/// run on one thread, nothing can happen between the check and the wait.
class signal {
 public:
  explicit signal(const asio::any_io_executor& executor) : timer_(executor, real_time::max()) {}

  void notify_all() { timer_.cancel(); }
  void notify_one() { timer_.cancel_one(); }
  asio::awaitable<void> wait() { co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable)); }

 private:
  asio::steady_timer timer_;
};

/// A signal with an alarm, for one waiter.
class alarm_signal {
 public:
  explicit alarm_signal(const asio::any_io_executor& executor) : timer_(executor) {}

  void notify() { timer_.cancel(); }
  /// Until notified or until `t`, whichever comes first.
  asio::awaitable<void> wait_until(real_time t) {
    timer_.expires_at(t);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace dabba::city
