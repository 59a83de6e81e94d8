/// Envelopes for shards that have no owner this node could reach right now: kept for a while, within bounds.
#pragma once

#include <caf/typed_response_promise.hpp>
#include <chrono>
#include <deque>
#include <map>

#include "protocols/actors.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

struct parked_envelope {
  envelope what;
  caf::typed_response_promise<reply> promise;
};

class parking {
 public:
  using clock = std::chrono::steady_clock;

  /// Takes it, or refuses the one who asked when there is no room (false).
  bool park(shard_id shard, envelope&& what, caf::typed_response_promise<reply> promise) {
    if (count_ >= limits::parked_commands) {
      promise.deliver(caf::make_error(errc::unavailable));
      return false;
    }
    ++count_;
    by_shard_[shard].push_back({std::move(what), std::move(promise)});
    return true;
  }

  /// In the order they came.
  std::deque<parked_envelope> take(shard_id shard) {
    auto found = by_shard_.extract(shard);
    if (!found) return {};
    count_ -= found.mapped().size();
    return std::move(found.mapped());
  }

  [[nodiscard]] std::vector<shard_id> shards() const {
    std::vector<shard_id> out;
    for (const auto& [shard, line] : by_shard_) out.push_back(shard);
    return out;
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  /// Refuses those that waited too long: `unavailable`. How many it were.
  std::size_t expire() {
    if (count_ == 0) return 0;
    auto before = count_;
    auto came_before = clock::now() - limits::parking_patience;
    for (auto it = by_shard_.begin(); it != by_shard_.end();) {
      auto& line = it->second;
      // What was sent away and came back is older than some before it.
      count_ -= std::erase_if(line, [&](parked_envelope& x) {
        if (x.what.since > came_before) return false;
        x.promise.deliver(caf::make_error(errc::unavailable));
        return true;
      });
      it = line.empty() ? by_shard_.erase(it) : std::next(it);
    }
    return before - count_;
  }

 private:
  std::map<shard_id, std::deque<parked_envelope>> by_shard_;
  std::size_t count_ = 0;
};

}  // namespace dabba
