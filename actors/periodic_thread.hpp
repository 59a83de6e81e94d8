/// Something done again and again on a thread of its own, by the steady clock: neither one of CAF's timers, which would
/// wake two threads for each turn, nor its timed receive, which waits by the wall clock and stops when that is set
/// back.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace dabba {

class periodic_thread {
 public:
  /// The first turn is at once. An exception that `turn` lets out ends the process.
  periodic_thread(std::chrono::milliseconds interval, std::function<void()> turn)
      : thread_{[this, interval, turn = std::move(turn)] {
          do turn();
          while (!is_told_to_end_within(interval));
        }} {}
  periodic_thread(const periodic_thread&) = delete;
  periodic_thread& operator=(const periodic_thread&) = delete;
  /// Waits for the turn under way.
  ~periodic_thread() {
    {
      std::scoped_lock lock{mutex_};
      ends_ = true;
    }
    told_.notify_one();
    thread_.join();
  }

 private:
  bool is_told_to_end_within(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex_};
    return told_.wait_for(lock, time, [this] { return ends_; });
  }

  std::mutex mutex_;
  std::condition_variable told_;
  bool ends_ = false;
  std::thread thread_;  // the last, so that it begins when all else is there
};

}  // namespace dabba
