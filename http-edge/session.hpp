/// The actor of a socket: passes what it is told on to the socket's own executor.
#pragma once

#include <caf/actor_system.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <variant>

#include "http-edge/edge_messages.hpp"

namespace dabba::http {

/// The watched partner's actor has ended.
struct partner_gone {};
/// Whoever published this entity's events to us has ended.
struct publisher_gone {
  entity_ref entity;
};
/// The session itself has ended, which nobody asked for: nothing comes any more.
struct session_gone {};

/// What a session tells its socket.
using session_note = std::variant<published, carrier_moved, order_changed, make_offer, withdraw_offer, city_update,
                                  replaced, partner_gone, publisher_gone, session_gone>;

/// Where a session leaves its notes; closed by the socket before it goes.
class note_slot {
 public:
  explicit note_slot(std::function<void(session_note)> pass_on) : pass_on_{std::move(pass_on)} {}

  void put(session_note x) {
    std::lock_guard lock{mutex_};
    if (pass_on_) pass_on_(std::move(x));
  }
  void close() {
    std::lock_guard lock{mutex_};
    pass_on_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void(session_note)> pass_on_;
};

/// A session actor and the slot it writes to; ended with this object.
class session {
 public:
  /// `pass_on` is called in the actor's thread and must only hand the note over.
  session(caf::actor_system& system, std::function<void(session_note)> pass_on);
  ~session() { close(); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  [[nodiscard]] const local_session& actor() const noexcept { return actor_; }
  /// No note comes after this.
  void close();

 private:
  std::shared_ptr<note_slot> slot_;
  local_session actor_;
};

}  // namespace dabba::http
