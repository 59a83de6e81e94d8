/// The next deadline of each entity of a shard, in one heap.
#pragma once

#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "protocols/model/ids.hpp"
#include "protocols/model/instant.hpp"

namespace dabba {

class timer_heap {
 public:
  /// Each entity has one timer: setting it replaces the last.
  void set(const entity_ref& entity, std::optional<instant> due) {
    if (!due) {
      due_.erase(entity);
      return;
    }
    due_[entity] = *due;
    heap_.push({*due, entity});
    if (heap_.size() > 64 + 2 * due_.size()) compact();
  }

  /// Takes out whoever is due by `now`, earliest first.
  std::vector<entity_ref> take_due(instant now) {
    std::vector<entity_ref> out;
    while (!heap_.empty() && heap_.top().due <= now) {
      auto top = heap_.top();
      heap_.pop();
      auto current = due_.find(top.entity);
      if (current == due_.end() || current->second != top.due) continue;  // replaced meanwhile
      due_.erase(current);
      out.push_back(top.entity);
    }
    return out;
  }

  /// When the next may be due: none is before that.
  [[nodiscard]] std::optional<instant> next() const {
    return heap_.empty() ? std::nullopt : std::optional{heap_.top().due};
  }

  [[nodiscard]] std::size_t size() const noexcept { return due_.size(); }

 private:
  struct timer {
    instant due;
    entity_ref entity;
    friend bool operator<(const timer& a, const timer& b) noexcept { return b.due < a.due; }
  };

  /// Replaced timers stay in the heap until they come up; this bounds how many.
  void compact() {
    std::vector<timer> live;
    live.reserve(due_.size());
    for (const auto& [entity, due] : due_) live.push_back({due, entity});
    heap_ = std::priority_queue<timer>{std::less<timer>{}, std::move(live)};
  }

  std::priority_queue<timer> heap_;
  std::unordered_map<entity_ref, instant> due_;
};

}  // namespace dabba
