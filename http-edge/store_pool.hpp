/// Blocking calls of a store. Each thread has one to itself while it uses it.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "http-edge/work_pool.hpp"
#include "persistence/store.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {

/// A `Store` has `asked_at`, as the store ports do.
template <class Store>
class store_pool : public work_pool {
 public:
  using maker = std::function<std::unique_ptr<Store>()>;

  store_pool(unsigned threads, maker make) : work_pool{threads, limits::requests_in_flight}, make_{std::move(make)} {}
  ~store_pool() { stop(); }

  /// `call(Store&)` on a thread of the pool, which gives a result_of<T>. `overloaded` when too many wait, `unavailable`
  /// when there is no store or the pool has stopped.
  template <class F>
  auto use(F call) -> asio::awaitable<std::invoke_result_t<F, Store&>> {
    using result = std::invoke_result_t<F, Store&>;
    result lost = tl::unexpected{errc::unavailable};
    result full = tl::unexpected{errc::overloaded};
    auto with_store = [this, asked_at = std::chrono::steady_clock::now(), call = std::move(call)]() mutable {
      result answer = tl::unexpected{errc::unavailable};
      with([&](Store& store) {
        store.asked_at(asked_at);
        answer = call(store);
      });
      return answer;
    };
    co_return co_await run(std::move(lost), std::move(full), std::move(with_store));
  }

 private:
  /// Calls `use` with a store that no other thread has, unless none can be made.
  void with(const std::function<void(Store&)>& use) {
    std::unique_ptr<Store> store;
    {
      std::lock_guard lock{mutex_};
      if (!idle_.empty()) {
        store = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    // After an exception the store may be in the middle of something: it is not used again.
    bool usable = guarded([&] {
      if (!store) store = make_();
      if (store) use(*store);
    });
    if (!usable || !store) return;
    std::lock_guard lock{mutex_};
    idle_.push_back(std::move(store));
  }

  maker make_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Store>> idle_;
};

}  // namespace dabba::http
