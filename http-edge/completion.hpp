/// The way from another thread (an actor, a blocking reader) back into a waiting coroutine.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace dabba::http {

namespace asio = boost::asio;

/// Resumes a coroutine exactly once: with what it is called with, or with `lost` when everybody who could have called
/// it is gone. Called from any thread, by one at a time.
template <class R>
class completion {
 public:
  completion(std::function<void(R)> resume, R lost) : resume_{std::move(resume)}, lost_{std::move(lost)} {}
  completion(const completion&) = delete;
  completion& operator=(const completion&) = delete;
  ~completion() { finish(std::move(lost_)); }

  void finish(R result) {
    if (auto resume = std::exchange(resume_, nullptr)) resume(std::move(result));
  }

 private:
  std::function<void(R)> resume_;
  R lost_;
};

/// Calls `start(std::shared_ptr<completion<R>>)` and waits until it is finished. The coroutine goes on on its own
/// executor.
template <class R, class Start>
asio::awaitable<R> completed(R lost, Start start) {
  auto initiate = [](auto handler, R fallback, Start begin) {
    auto executor = asio::get_associated_executor(handler);
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    auto resume = [kept, executor, work = asio::make_work_guard(executor)](R result) {
      asio::post(executor, [kept, moved = std::move(result)]() mutable { std::move (*kept)(std::move(moved)); });
    };
    begin(std::make_shared<completion<R>>(std::move(resume), std::move(fallback)));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(R)>(
      initiate, asio::use_awaitable, std::move(lost), std::move(start));
}

}  // namespace dabba::http
