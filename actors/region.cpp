#include "actors/region.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/shard.hpp"
#include "actors/zone_roll_call.hpp"
#include "protocols/errors.hpp"

namespace dabba {
namespace {

struct region_state {
  static inline const char* name = "dabba.region";

  region_state(region_actor::pointer self, std::shared_ptr<const node_context> node, region_options options)
      : self{self}, node{std::move(node)}, ticks{options.ticks} {
    shards.resize(this->node->shard_count);
    for (const auto& owned : options.shards) {
      auto shard = spawn_shard(self->system(), this->node, region_actor{self}, owned);
      self->monitor(shard);
      shards.at(owned.id.value) = std::move(shard);
    }
  }

  region_actor::behavior_type make_behavior() {
    // A shard ends when another node took it over.
    self->set_down_handler([this](const caf::down_msg& x) {
      for (auto& shard : shards)
        if (shard && shard.address() == x.source) shard = nullptr;
    });
    if (ticks) self->delayed_send(self, limits::tick_interval, tick{});
    return {
        [this](envelope& x) -> caf::result<reply> {
          if (++x.hops > limits::hops) return caf::make_error(errc::unavailable);
          const auto& shard = shard_for(x.to.id);
          if (!shard) return caf::make_error(errc::unavailable);
          return self->delegate(shard, std::move(x));
        },
        [this](locate_partner x) -> caf::result<partner_actor> {
          const auto& shard = shard_for(x.who.value);
          if (!shard) return caf::make_error(errc::unavailable);
          return self->delegate(shard, x);
        },
        [this](locate_matchmaker x) -> caf::result<matchmaker_actor> {
          const auto& shard = shard_for(matchmaker_ref(x.zone).id);
          if (!shard) return caf::make_error(errc::unavailable);
          return self->delegate(shard, x);
        },
        [this](list_zones) { return ask_shards(); },
        [this](tick x) { pass_on(x); },
        [this](stop x) { end(x); },
    };
  }

  [[nodiscard]] const shard_actor& shard_for(const uuid& id) const {
    return shards[shard_of(id, node->shard_count).value];
  }

  void pass_on(tick x) {
    if (ticks) self->delayed_send(self, limits::tick_interval, x);
    for (const auto& shard : shards)
      if (shard) caf::anon_send(shard, x);
  }

  void end(stop x) {
    for (auto& shard : shards)
      if (shard) caf::anon_send(std::exchange(shard, nullptr), x);
    self->quit();
  }

  caf::result<zone_list> ask_shards() {
    std::vector<shard_actor> here;
    std::ranges::copy_if(shards, std::back_inserter(here), [](const auto& x) { return x != nullptr; });
    return call_zones(self, here);
  }

  region_actor::pointer self;
  std::shared_ptr<const node_context> node;
  bool ticks;
  std::vector<shard_actor> shards;
};

}  // namespace

region_actor spawn_region(caf::actor_system& system, std::shared_ptr<const node_context> node, region_options options) {
  return system.spawn<region_actor::stateful_impl<region_state>>(std::move(node), std::move(options));
}

}  // namespace dabba
