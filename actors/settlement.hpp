/// Which orders a partner is to ask how they stand, and when: the end of one may have been lost on its way.
#pragma once

#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "protocols/model/clock.hpp"
#include "protocols/model/partner.hpp"

namespace dabba {

/// How soon what the store or an order could not do is tried again (real time).
inline constexpr auto retry_interval = std::chrono::seconds{2};

class settlement {
 public:
  explicit settlement(std::shared_ptr<const clock> time) : time_{std::move(time)} {}

  /// To be asked soon.
  void add(order_id order) { open_.insert(order); }
  void add_carried(const partner& by) {
    for (const auto& delivery : by.active) open_.insert(delivery.order);
  }
  [[nodiscard]] bool is_complete() const noexcept { return open_.empty(); }

  /// When there is something to ask; nothing for a partner that carries nothing.
  [[nodiscard]] std::optional<instant> due(const partner& who) const {
    if (!open_.empty()) return time_->now() + time_->from_real(retry_interval);
    if (!who.active.empty()) return asked_at_ + interval();
    return std::nullopt;
  }

  /// Those to be asked now, among them all that are carried once the interval has passed.
  [[nodiscard]] std::vector<order_id> take(const partner& who) {
    auto now = time_->now();
    if (asked_at_ + interval() <= now) {
      add_carried(who);
      asked_at_ = now;
    }
    std::vector<order_id> out{open_.begin(), open_.end()};
    open_.clear();
    return out;
  }

 private:
  [[nodiscard]] duration interval() const { return time_->from_real(std::chrono::seconds{30}); }

  std::shared_ptr<const clock> time_;
  std::unordered_set<order_id> open_;
  instant asked_at_;  ///< when all that are carried were asked last
};

}  // namespace dabba
