/// What ties a partner's socket to its actor: the actor's handle, found again whenever it ends, the socket's place as
/// the partner's phone, and the way of its positions.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "http-edge/core.hpp"

namespace dabba::http {

/// Used on one executor only.
class partner_link : public std::enable_shared_from_this<partner_link> {
 public:
  partner_link(core& shared, asio::any_io_executor executor, partner_id who, local_session phone);

  /// Finds the actor and signs in as its phone, until `close`.
  void start();
  /// Takes a position. Those that come within a few milliseconds travel in one message, oldest first; while the actor
  /// can't be found the newest wait, at most limits::locations_per_batch.
  void report(const location& where);
  /// The actor has ended.
  void lost();
  /// Sends what waits and signs off.
  void close();

 private:
  asio::awaitable<void> keep_attached();
  asio::awaitable<bool> attach_once();
  void flush();

  core& shared_;
  asio::any_io_executor executor_;
  partner_id who_;
  local_session phone_;
  partner_actor actor_;
  std::vector<location> waiting_;
  asio::steady_timer wake_;
  asio::steady_timer flush_timer_;
  bool is_open_ = true;
  bool is_flush_due_ = false;
  std::chrono::steady_clock::time_point flushed_at_{};
  bool was_lost_ = false;  ///< while it was being attached to
};

}  // namespace dabba::http
