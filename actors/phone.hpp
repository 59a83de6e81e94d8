/// A partner's phone: the session of its socket while it is connected, and when it was last heard of.
#pragma once

#include "protocols/sending.hpp"
#include "protocols/watched_actors.hpp"

namespace dabba {

class phone {
 public:
  /// After so long without a word a partner that is not connected counts as silent (platform time).
  phone(instant now, duration patience) : patience_{patience}, last_heard_{now} {}

  /// False when it is this one already. The one before is told that it was replaced.
  template <class Self>
  bool connect(Self* self, watched_actors& watched, const region_actor& region, const session_actor& to) {
    if (session_ == to) return false;
    if (session_) {
      watched.remove(self, session_);
      tell_session(region, session_, replaced{});
    }
    session_ = to;
    watched.add(self, session_);
    return true;
  }
  /// False when it is another that is connected.
  template <class Self>
  bool disconnect(Self* self, watched_actors& watched, const session_actor& from, instant now) {
    if (!session_ || session_ != from) return false;
    watched.remove(self, session_);
    session_ = nullptr;
    last_heard_ = now;
    return true;
  }
  /// True when it was the phone that has ended.
  bool lose(const caf::actor_addr& gone, instant now) {
    if (!session_ || session_.address() != gone) return false;
    session_ = nullptr;
    last_heard_ = now;
    return true;
  }

  void heard(instant now) noexcept { last_heard_ = now; }
  /// Null: not connected.
  [[nodiscard]] const session_actor& session() const noexcept { return session_; }
  [[nodiscard]] instant last_heard() const noexcept { return last_heard_; }
  [[nodiscard]] instant silent_at() const noexcept { return last_heard_ + patience_; }
  /// A connected phone is heard of by its socket's pings.
  [[nodiscard]] bool is_silent(instant now) const noexcept { return !session_ && silent_at() <= now; }

 private:
  duration patience_;
  session_actor session_;
  instant last_heard_;
};

}  // namespace dabba
