/// Blocking reads of the store, on threads of their own.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "http-edge/completion.hpp"
#include "persistence/store.hpp"

namespace dabba::http {

class read_pool {
 public:
  using maker = std::function<std::unique_ptr<entity_reader>()>;

  read_pool(unsigned threads, maker make_reader);
  ~read_pool() { stop(); }
  read_pool(const read_pool&) = delete;
  read_pool& operator=(const read_pool&) = delete;

  /// `read(entity_reader&)` on a thread of the pool, which gives a result_of<T>. `overloaded` when too many wait,
  /// `unavailable` when there is no reader or the pool has stopped.
  template <class F>
  auto read(F query) -> asio::awaitable<std::invoke_result_t<F, entity_reader&>> {
    using result = std::invoke_result_t<F, entity_reader&>;
    if (!enter()) co_return tl::unexpected{errc::overloaded};
    auto start = [this, &query](std::shared_ptr<completion<result>> done) {
      asio::post(pool_, [this, asked_at = std::chrono::steady_clock::now(), query = std::move(query),
                         done = std::move(done)]() mutable {
        with_reader([&](entity_reader& reader) {
          reader.asked_at(asked_at);
          done->finish(query(reader));
        });
      });
    };
    result lost = tl::unexpected{errc::unavailable};
    auto answer = co_await completed(std::move(lost), start);
    leave();
    co_return answer;
  }

  /// Any blocking call that needs no reader; `lost` when it throws, the pool has stopped or too many wait.
  template <class R, class F>
  asio::awaitable<R> run(R lost, F call) {
    if (!enter()) co_return lost;
    auto start = [this, &call](std::shared_ptr<completion<R>> done) {
      asio::post(pool_, [call = std::move(call), done = std::move(done)]() mutable {
        guarded([&] { done->finish(call()); });
      });
    };
    auto answer = co_await completed(std::move(lost), start);
    leave();
    co_return answer;
  }

  /// Finishes the reads that run, drops those that wait.
  void stop();

 private:
  /// Lets no exception out; false when there was one.
  static bool guarded(const std::function<void()>& call) noexcept;
  bool enter() noexcept;
  void leave() noexcept { waiting_.fetch_sub(1, std::memory_order_relaxed); }
  /// Calls `use` with a reader that no other thread has, unless none can be made. Lets no exception out.
  void with_reader(const std::function<void(entity_reader&)>& use);

  maker make_reader_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<entity_reader>> idle_;
  std::atomic<std::size_t> waiting_{0};
  asio::thread_pool pool_;
};

}  // namespace dabba::http
