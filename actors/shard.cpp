#include "actors/shard.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <unordered_set>

#include "actors/residents.hpp"
#include "actors/timer_heap.hpp"
#include "actors/write_path.hpp"
#include "actors/zone_roll_call.hpp"

namespace dabba {
namespace {

constexpr std::size_t waiting_for_load = 10'000;        // per shard
constexpr auto load_interval = limits::store_patience;  // between attempts while the store is away

struct shard_actor_state {
  static inline const char* name = "dabba.shard";

  shard_actor_state(shard_actor::pointer self, std::shared_ptr<const node_context> node, local_region_actor around,
                    owned_shard which)
      : self{self}, region{std::move(around)}, entities{self} {
    context = std::make_shared<shard_context>(
        shard_context{std::move(node), region_actor{region}, shard_actor{self}, which.id, which.epoch});
  }

  shard_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { on_down(x); });
    self->set_exception_handler([this](std::exception_ptr& thrown) { return fail(thrown); });
    caf::anon_send(context->node->journal_of(context->id), own_shard{context->id, context->epoch});
    load_all();
    return {
        [this](envelope& x) { return route(std::move(x)); },
        [this](locate_partner x) { return locate<partner_actor>(ref(x.who), x.who); },
        [this](locate_matchmaker x) { return locate<matchmaker_actor>(matchmaker_ref(x.zone), x.zone); },
        [this](const set_timer& x) { set(x); },
        [this](const may_forget& x) { forget(x.entity); },
        [this](list_zones) { return ask_boards(); },
        [this](tick) { on_tick(); },
        [this](stop) { finish(); },
    };
  }

  // -- Loading -------------------------------------------------------------------------------------------------------

  void load_all() {
    self->request(context->node->reader_of(context->id), limits::request_deadline, load_open{context->id})
        .then(
            [this](const loaded_heads& x) {
              if (is_finishing) return;
              for (const auto& head : x.heads) start_known(head);
              loaded = true;
              ask_for_ticks();
              run_waiting(errc::none);
            },
            [this](const caf::error& why) {
              if (is_finishing) return;
              run_waiting(to_errc(why));
              load_again_at = std::chrono::steady_clock::now() + load_interval;
              self->delayed_send(self, load_interval, tick{});
            });
  }

  bool start_known(const head_record& head) {
    if (entities.start_known(context, head)) return true;
    context->node->tell_operator(std::string{dabba::name(head.entity.kind)} + " " + to_string(head.entity.id) +
                                 " can't be started: this program can't read its state");
    return false;
  }

  bool start_blank(const entity_ref& entity, bool is_new) {
    bool has_started = entities.start_blank(context, entity, is_new);
    ask_for_ticks();
    return has_started;
  }

  using continuation = std::function<void(errc)>;

  /// Calls `then` when the entity runs, or with why it can't.
  void with(const entity_ref& entity, bool is_new, continuation then) {
    if (is_finishing) return then(errc::moved);
    if (!loaded)
      return wait(
          whole_shard, std::move(then), [this, entity, is_new](continuation c) { with(entity, is_new, std::move(c)); });
    // What comes for one that leaves waits for its end, so that there is never more than one of it.
    if (leaving.contains(entity))
      return wait(
          entity, std::move(then), [this, entity, is_new](continuation c) { with(entity, is_new, std::move(c)); });
    if (entities.contains(entity)) return then(errc::none);
    bool soft = entity.kind == entity_kind::matchmaker || entity.kind == entity_kind::board;
    // One that is being loaded is not new, whatever the command says.
    bool is_loading = waiting.contains(entity);
    if ((is_new && !is_loading) || soft) return then(start_blank(entity, is_new) ? errc::none : errc::internal);
    wait(entity, std::move(then), [this, entity, is_new](continuation c) { with(entity, is_new, std::move(c)); });
    if (!is_loading) load_one(entity);
  }

  template <class Again>
  void wait(const entity_ref& what, continuation&& then, Again again) {
    if (waiting_count >= waiting_for_load) return then(errc::overloaded);
    ++waiting_count;
    waiting[what].push_back([then = std::move(then), again](errc why) {
      if (why == errc::none)
        again(then);
      else
        then(why);
    });
  }

  void load_one(const entity_ref& entity) {
    self->request(context->node->reader_of(context->id), limits::request_deadline, load_entity{entity})
        .then(
            [this, entity](const loaded_entity& x) {
              if (!entities.contains(entity)) {
                bool started = x.head ? start_known(*x.head) : start_blank(entity, false);
                if (!started) return run_waiting(entity, x.head ? errc::internal : absent(entity.kind));
              }
              run_waiting(entity, errc::none);
            },
            [this, entity](const caf::error& why) { run_waiting(entity, to_errc(why)); });
  }

  static errc absent(entity_kind kind) noexcept {
    if (kind == entity_kind::order) return errc::order_not_found;
    return kind == entity_kind::restaurant ? errc::restaurant_not_found : errc::not_found;
  }

  void run_waiting(const entity_ref& entity, errc why) {
    auto found = waiting.find(entity);
    if (found == waiting.end()) return;
    auto line = std::move(found->second);
    waiting.erase(found);
    waiting_count -= line.size();
    for (auto& next : line) next(why);
  }

  void run_waiting(errc why) { run_waiting(whole_shard, why); }

  // -- Routing -------------------------------------------------------------------------------------------------------

  caf::result<reply> route(envelope&& x) {
    auto promise = self->make_response_promise<reply>();
    bool is_new = creates(x.body);
    auto to = x.to;
    with(to, is_new, [this, promise, x = std::move(x)](errc why) mutable {
      if (why == errc::moved) return void(promise.delegate(region, returned{std::move(x), true}));
      if (why != errc::none) return promise.deliver(caf::make_error(why));
      entities.hand_over(x, promise);
    });
    return promise;
  }

  /// True for the command that makes its entity: its id is fresh, so the store need not be asked.
  static bool creates(const routed& body) {
    if (const auto* to_order = std::get_if<order_request>(&body))
      return std::holds_alternative<place_order>(to_order->command);
    if (const auto* to_restaurant = std::get_if<restaurant_request>(&body))
      return std::holds_alternative<register_restaurant>(to_restaurant->command);
    return false;
  }

  template <class Actor, class Key>
  caf::result<Actor> locate(const entity_ref& entity, Key key) {
    auto promise = self->make_response_promise<Actor>();
    with(entity, false, [this, key, promise](errc why) mutable {
      if (why != errc::none) return promise.deliver(caf::make_error(why));
      promise.deliver(entities.at(key));
    });
    return promise;
  }

  // -- Ends ----------------------------------------------------------------------------------------------------------

  void on_down(const caf::down_msg& x) {
    auto gone = entities.remove(x.source);
    if (!gone) return;
    const auto& entity = *gone;
    timers.set(entity, {});
    leaving.erase(entity);
    if (is_finishing) return entities.empty() ? end() : void();
    // The store said that somebody else owns the shard now.
    if (x.reason == caf::make_error(errc::moved)) return end();
    bool was_told_to = !x.reason || x.reason == caf::exit_reason::normal;
    bool is_soft = entity.kind == entity_kind::matchmaker || entity.kind == entity_kind::board;
    if (was_told_to || is_soft) return run_waiting(entity, errc::none);
    // It lost touch with the store. Its deadline and its search must not wait until somebody asks for it, and who waits
    // for its end must not have it start blank.
    if (waiting.contains(entity)) load_one(entity);
    to_reload.insert(entity);
    reload();
  }

  /// Those that can't be loaded now are tried again with the next tick.
  void reload() {
    for (const auto& entity : std::exchange(to_reload, {}))
      with(entity, false, [this, entity](errc why) {
        if (!may_be_repeated(why)) return;
        to_reload.insert(entity);
        ask_for_ticks();
      });
  }

  /// The entity ends after what was sent to it so far; whoever asks next loads it anew.
  void forget(const entity_ref& entity) {
    if (!entities.contains(entity) || !leaving.insert(entity).second) return;
    timers.set(entity, {});
    entities.tell(entity, stop{});
  }

  /// Takes nothing more, and ends when all that is under way is written, or has taken too long.
  void finish() {
    if (std::exchange(is_finishing, true)) return;
    refuse_waiting();
    entities.tell_all(stop{});
    if (entities.empty()) return end();
    end_at = std::chrono::steady_clock::now() + cluster_terms::drain_patience;
    self->delayed_send(self, cluster_terms::drain_patience, tick{});
  }

  /// Back to the region, which knows where to, or will.
  void refuse_waiting() {
    waiting_count = 0;
    for (const auto& [entity, line] : std::exchange(waiting, {}))
      for (const auto& next : line) next(errc::moved);
  }

  /// Its entities go with it: who follows one must learn that it is of no more use. The region takes the shard anew.
  caf::error fail(std::exception_ptr& thrown) {
    if (context) end();
    return caf::scheduled_actor::default_exception_handler(self, thrown);
  }

  void end() {
    refuse_waiting();
    caf::anon_send(context->node->journal_of(context->id), disown_shard{context->id});
    if (!is_finishing) entities.tell_all(stop{});
    context.reset();  // breaks the cycle shard -> context -> shard
    region = nullptr;
    self->quit();
  }

  // -- Time ----------------------------------------------------------------------------------------------------------

  void on_tick() {
    if (is_finishing) return std::chrono::steady_clock::now() >= end_at ? end() : void();
    if (load_again_at && *load_again_at <= std::chrono::steady_clock::now()) {
      load_again_at.reset();
      load_all();
    }
    reload();
    auto now = context->now();
    for (const auto& entity : timers.take_due(now)) entities.tell(entity, timer_due{now});
    entities.tick_zones();
    ask_for_ticks();
  }

  void set(const set_timer& x) {
    timers.set(x.entity, x.due);
    if (x.due && *x.due < ticks_from) ask_for_ticks();
  }

  /// Most shards have nothing to do most of the time: the region leaves them alone until then.
  void ask_for_ticks() {
    if (is_finishing) return;
    auto from = entities.need_ticks() || !to_reload.empty() ? instant{} : timers.next().value_or(instant::max());
    if (std::exchange(ticks_from, from) != from) caf::anon_send(region, tick_from{context->id, from});
  }

  caf::result<zone_list> ask_boards() {
    zone_roll_call call{self};
    for (const auto& [zone, actor] : entities.boards()) call.ask(actor);
    return call.result();
  }

  static inline const entity_ref whole_shard{entity_kind::board, {}};

  shard_actor::pointer self;
  local_region_actor region;
  shard_context_ptr context;
  bool loaded = false;
  bool is_finishing = false;
  std::chrono::steady_clock::time_point end_at;                        ///< at the latest, when it is finishing
  std::optional<std::chrono::steady_clock::time_point> load_again_at;  ///< the store was away
  residents entities;
  std::unordered_set<entity_ref> leaving;  ///< running, and told to end
  std::unordered_map<entity_ref, std::vector<continuation>> waiting;
  std::size_t waiting_count = 0;
  std::unordered_set<entity_ref> to_reload;
  timer_heap timers;
  instant ticks_from;  ///< as the region was told
};

}  // namespace

shard_actor spawn_shard(caf::actor_system& system, std::shared_ptr<const node_context> node, local_region_actor region,
                        owned_shard which) {
  return system.spawn<shard_actor::stateful_impl<shard_actor_state>>(std::move(node), std::move(region), which);
}

}  // namespace dabba
