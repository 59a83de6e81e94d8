/// Time and chance of a simulated schedule: all of it follows from one seed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace dabba::simulation {

using namespace std::chrono_literals;

/// Since the schedule began.
using moment = std::chrono::microseconds;

/// SplitMix64 (Steele, Lea and Flood, 2014).
class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept : state_{seed} {}

  std::uint64_t next() noexcept {
    auto x = state_ += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
  }
  /// 0 to n - 1.
  std::size_t below(std::size_t n) noexcept { return next() % n; }
  bool chance(std::size_t per_thousand) noexcept { return below(1000) < per_thousand; }
  moment between(moment least, moment most) noexcept {
    return least + moment{static_cast<std::int64_t>(below(static_cast<std::size_t>((most - least).count()) + 1))};
  }

 private:
  std::uint64_t state_;
};

/// What is to happen, in the order of its time; of the same time, in the order in which it was planned.
class virtual_time {
 public:
  [[nodiscard]] moment now() const noexcept { return now_; }

  void at(moment when, std::function<void()> what) {
    queue_.push_back({std::max(when, now_), planned_++, std::move(what)});
    std::ranges::push_heap(queue_, is_later);
  }
  void after(moment delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  /// Lets the next thing happen, unless it lies beyond; then only time passes.
  bool step(moment until) {
    if (queue_.empty() || queue_.front().when > until) {
      now_ = until;
      return false;
    }
    std::ranges::pop_heap(queue_, is_later);
    auto next = std::move(queue_.back());
    queue_.pop_back();
    now_ = next.when;
    next.what();
    return true;
  }

 private:
  struct event {
    moment when;
    std::uint64_t number;
    std::function<void()> what;
  };
  static bool is_later(const event& a, const event& b) noexcept {
    return a.when != b.when ? a.when > b.when : a.number > b.number;
  }

  moment now_{};
  std::uint64_t planned_ = 0;
  std::vector<event> queue_;  ///< a heap
};

}  // namespace dabba::simulation
