/// Whom an actor watches, and for how many reasons. CAF's `demonitor` ends all monitors between two actors: who watches
/// one for two reasons, and ends one of them, would not learn of its end any more.
#pragma once

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <unordered_map>

namespace dabba {

class watched_actors {
 public:
  template <class Self, class Actor>
  void add(Self* self, const Actor& whom) {
    if (++reasons_[caf::actor_cast<caf::actor_addr>(whom)] == 1) self->monitor(whom);
  }
  /// For one reason less.
  template <class Self, class Actor>
  void remove(Self* self, const Actor& whom) {
    auto found = reasons_.find(caf::actor_cast<caf::actor_addr>(whom));
    if (found == reasons_.end() || --found->second > 0) return;
    self->demonitor(found->first);
    reasons_.erase(found);
  }
  /// It has ended: to be called with every down message.
  void forget(const caf::actor_addr& gone) { reasons_.erase(gone); }

 private:
  std::unordered_map<caf::actor_addr, int> reasons_;
};

}  // namespace dabba
