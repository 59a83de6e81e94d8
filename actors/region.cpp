#include "actors/region.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/shard.hpp"
#include "actors/zone_roll_call.hpp"
#include "protocols/errors.hpp"

namespace dabba {
namespace {

constexpr int ticks_between_forgetting = std::chrono::minutes{1} / limits::tick_interval;

struct region_state {
  static inline const char* name = "dabba.region";

  region_state(region_actor::pointer self, std::shared_ptr<const node_context> node, region_options options)
      : self{self}, node{std::move(node)}, ticks{options.ticks} {
    shards.resize(this->node->shard_count);
    for (const auto& owned : options.shards) start(owned);
  }

  void start(const owned_shard& owned) {
    auto shard = spawn_shard(self->system(), node, region_actor{self}, owned);
    self->monitor(shard);
    shards.at(owned.id.value) = std::move(shard);
  }

  region_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { on_down(x); });
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

  /// A shard ends when its journal gave it up, or when another node took it over: the cluster's tables know which.
  void on_down(const caf::down_msg& x) {
    for (std::uint16_t i = 0; i < shards.size(); ++i) {
      if (!shards[i] || shards[i].address() != x.source) continue;
      shards[i] = nullptr;
      lost.push_back({i});
    }
  }

  void retake_lost() {
    if (!node->cluster) return;
    for (auto shard : std::exchange(lost, {}))
      self->request(node->cluster, limits::retake_patience, retake_shard{shard})
          .then(
              [this](const retaken_shard& x) {
                if (x.shard) start(*x.shard);
              },
              [this, shard](const caf::error&) { lost.push_back(shard); });
  }

  [[nodiscard]] const shard_actor& shard_for(const uuid& id) const {
    return shards[shard_of(id, node->shard_count).value];
  }

  void pass_on(tick x) {
    if (ticks) self->delayed_send(self, limits::tick_interval, x);
    retake_lost();
    forget_old_answers();
    for (const auto& shard : shards)
      if (shard) caf::anon_send(shard, x);
  }

  void forget_old_answers() {
    if (!node->cluster || ++ticks_since_forgotten < ticks_between_forgetting) return;
    ticks_since_forgotten = 0;
    caf::anon_send(node->cluster, forget_answers{node->time->now() - limits::answers_kept});
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
  int ticks_since_forgotten = 0;
  std::vector<shard_id> lost;  ///< to be taken again, if they are still ours
};

}  // namespace

region_actor spawn_region(caf::actor_system& system, std::shared_ptr<const node_context> node, region_options options) {
  return system.spawn<region_actor::stateful_impl<region_state>>(std::move(node), std::move(options));
}

}  // namespace dabba
