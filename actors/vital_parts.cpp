#include "actors/vital_parts.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dabba {
namespace {

struct vital_parts_state {
  static inline const char* name = "dabba.vital_parts";

  vital_parts_state(vital_parts_actor::pointer self, const std::vector<vital_part>& parts,
                    std::function<void(const std::string&)> lost)
      : self{self}, lost{std::move(lost)} {
    for (const auto& each : parts) names.emplace(each.who.id(), each.name);
    self->set_down_handler([this](const caf::down_msg& x) { on_down(x); });
    for (const auto& each : parts) self->monitor(each.who);
  }

  vital_parts_actor::behavior_type make_behavior() {
    return {[this](stop) { self->quit(); }};
  }

  void on_down(const caf::down_msg& x) {
    bool was_told_to = !x.reason || x.reason == caf::exit_reason::normal;
    if (!was_told_to) lost(names.at(x.source.id()) + " has ended: " + caf::to_string(x.reason));
  }

  vital_parts_actor::pointer self;
  std::map<caf::actor_id, std::string> names;
  std::function<void(const std::string&)> lost;
};

}  // namespace

vital_parts_actor watch_vital_parts(caf::actor_system& system, std::vector<vital_part> parts,
                                    std::function<void(const std::string& what)> lost) {
  return system.spawn<vital_parts_actor::stateful_impl<vital_parts_state>>(std::move(parts), std::move(lost));
}

}  // namespace dabba
