/// What waits to be written to one WebSocket. Events wait in order; of positions only the latest of each order waits,
/// behind the events. A reader that lets too much pile up is closed.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocols/model/ids.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {

struct outgoing {
  std::string text;
  bool is_city = false;  ///< the board waits to hear that it was written
};

class outbox {
 public:
  /// False when the queue is full: the reader is too slow.
  [[nodiscard]] bool push(outgoing frame) {
    if (frames_.size() >= limits::session_queue_messages) return false;
    frames_.push_back(std::move(frame));
    return true;
  }

  /// Takes the place of an earlier position of the same order.
  [[nodiscard]] bool push_position(order_id of, std::string text) {
    if (positions_.size() >= limits::subscriptions_per_session && !positions_.contains(of)) return false;
    auto [found, is_new] = positions_.try_emplace(of);
    found->second = std::move(text);
    if (is_new) turns_.push_back(of);
    return true;
  }

  std::optional<outgoing> pop() {
    if (!frames_.empty()) {
      auto first = std::move(frames_.front());
      frames_.pop_front();
      return first;
    }
    if (turns_.empty()) return std::nullopt;
    auto node = positions_.extract(turns_.front());
    turns_.pop_front();
    return outgoing{std::move(node.mapped()), false};
  }

  /// Room for a page of history besides what happens meanwhile.
  [[nodiscard]] bool has_room() const noexcept { return frames_.size() <= limits::session_queue_messages / 2; }
  [[nodiscard]] std::size_t size() const noexcept { return frames_.size() + turns_.size(); }

 private:
  std::deque<outgoing> frames_;
  std::deque<order_id> turns_;
  std::unordered_map<order_id, std::string> positions_;
};

}  // namespace dabba::http
