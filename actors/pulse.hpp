/// Whether a connection between two nodes works both ways: each end says once a second, and at once when there is
/// something new, what it last heard of the other.
#pragma once

#include <chrono>

#include "protocols/actors.hpp"

namespace dabba {

class pulse {
 public:
  using clock = std::chrono::steady_clock;

  /// A new connection, of which nothing was heard yet.
  void start(std::uint64_t connection, clock::time_point now) {
    *this = {};
    connection_ = connection;
    confirmed_at_ = now;
  }

  [[nodiscard]] std::uint64_t connection() const noexcept { return connection_; }
  [[nodiscard]] bool is_due(clock::time_point now) const noexcept { return now - sent_at_ >= interval; }
  /// A connection that is silent for so long, or at whose other end we are not heard, is taken for lost; nodes are
  /// judged later (cluster_terms::peer_patience).
  [[nodiscard]] bool is_lost(clock::time_point now) const noexcept { return now - confirmed_at_ >= patience; }

  [[nodiscard]] heartbeat next(std::uint64_t known_view, clock::time_point now) {
    sent_at_ = now;
    return {connection_, ++sent_, heard_, known_view};
  }
  /// True for the first that was heard: the other end should learn of that soon.
  bool hear(const heartbeat& x, clock::time_point now) {
    bool is_first = heard_ == 0;
    heard_ = x.beat;
    if (x.heard > confirmed_) {
      confirmed_ = x.heard;
      confirmed_at_ = now;
    }
    return is_first;
  }

 private:
  static constexpr auto interval = std::chrono::seconds{1};
  static constexpr auto patience = std::chrono::seconds{3};

  std::uint64_t connection_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t heard_ = 0;      ///< the other's latest
  std::uint64_t confirmed_ = 0;  ///< our latest that it heard
  clock::time_point sent_at_;
  clock::time_point confirmed_at_;  ///< when the other end last showed that it hears us
};

}  // namespace dabba
