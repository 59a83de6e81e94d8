/// Asks several actors for their zones and answers with all of them.
#pragma once

#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <vector>

#include "protocols/actors.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

/// Whoever does not answer is left out: the list is for people.
template <class Self>
class zone_roll_call {
 public:
  explicit zone_roll_call(Self* self) : self_{self} {}

  template <class Actor>
  void ask(const Actor& whom) {
    ++shared_->open;
    self_->request(whom, limits::request_deadline / 2, list_zones{})
        .then(
            [shared = shared_](const zone_list& some) {
              shared->all.zones.insert(shared->all.zones.end(), some.zones.begin(), some.zones.end());
              shared->answered();
            },
            [shared = shared_](const caf::error&) { shared->answered(); });
  }

  caf::result<zone_list> result() {
    if (shared_->open == 0) return zone_list{};
    shared_->promise = self_->template make_response_promise<zone_list>();
    return shared_->promise;
  }

 private:
  struct progress {
    std::size_t open = 0;
    zone_list all;
    caf::typed_response_promise<zone_list> promise;

    void answered() {
      if (--open == 0) promise.deliver(all);
    }
  };

  Self* self_;
  std::shared_ptr<progress> shared_ = std::make_shared<progress>();
};

}  // namespace dabba
