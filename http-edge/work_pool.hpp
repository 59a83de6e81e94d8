/// Blocking calls, on threads of their own. What waits for them is bounded.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>

#include "http-edge/completion.hpp"

namespace dabba::http {

class work_pool {
 public:
  work_pool(unsigned threads, std::size_t most_waiting) : most_waiting_{most_waiting}, pool_{threads} {}
  ~work_pool() { stop(); }
  work_pool(const work_pool&) = delete;
  work_pool& operator=(const work_pool&) = delete;

  /// `call()` on a thread of the pool; `lost` when it throws, `full` when too many wait, `lost` when the pool has
  /// stopped.
  template <class R, class F>
  asio::awaitable<R> run(R lost, R full, F call) {
    if (!enter()) co_return full;
    auto start = [this, &call](std::shared_ptr<completion<R>> done) {
      asio::post(pool_, [call = std::move(call), done = std::move(done)]() mutable {
        guarded([&] { done->finish(call()); });
      });
    };
    auto answer = co_await completed(std::move(lost), start);
    leave();
    co_return answer;
  }

  /// Finishes the calls that run, drops those that wait.
  void stop();

 protected:
  /// Lets no exception out; false when there was one.
  static bool guarded(const std::function<void()>& call) noexcept;

 private:
  bool enter() noexcept;
  void leave() noexcept { waiting_.fetch_sub(1, std::memory_order_relaxed); }

  std::size_t most_waiting_;
  std::atomic<std::size_t> waiting_{0};
  asio::thread_pool pool_;
};

}  // namespace dabba::http
