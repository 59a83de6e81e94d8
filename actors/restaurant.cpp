#include "actors/restaurant.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/domain/order_machine.hpp"
#include "actors/domain/restaurant_machine.hpp"
#include "actors/write_path.hpp"
#include "actors/zones.hpp"

namespace dabba {
namespace {

struct restaurant_state {
  static inline const char* name = "dabba.restaurant";

  restaurant_state(restaurant_actor::pointer self, shard_context_ptr shard, restaurant_id id,
                   std::optional<restaurant> known)
      : self{self}, shard{std::move(shard)} {
    if (known) current = std::move(*known);
    current.id = id;
  }

  restaurant_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { subscribers.remove(x.source); });
    show_on_map();
    return {
        [this](restaurant_request& x) { return handle(std::move(x)); },
        [this](read_state) { return read(); },
        [this](const price_lines& x) { return quote_for(x); },
        [this](const subscribe& x) { return add_subscriber(x); },
        [this](const unsubscribe& x) { subscribers.remove(self, shard->region, ref(current.id), x.who); },
        [this](const order_changed& x) { pass_on(x); },
        [this](show_restaurant) { show_on_map(); },
        [this](stop) { end_in_line(self, line); },
    };
  }

  caf::result<reply> handle(restaurant_request&& x) {
    auto promise = self->make_response_promise<reply>();
    bool in_line = line.run([this, promise, x = std::move(x)]() mutable { execute(x, promise); });
    if (!in_line) promise.deliver(caf::make_error(errc::overloaded));
    return promise;
  }

  void execute(const restaurant_request& x, caf::typed_response_promise<reply>& promise) {
    if (is_remembered(current.recent, x.meta.command)) return promise.deliver(reply{current});
    if (x.meta.expected_version.value_or(current.version) != current.version)
      return refuse(promise, errc::stale_version);
    auto events = decide(current, x.command);
    if (!events) return refuse(promise, events.error());
    if (events->empty()) return promise.deliver(reply{current});
    auto next = current;
    for (const auto& event : *events) apply(next, event);
    remember(next.recent, x.meta.command);
    write(x.meta, *events, std::move(next), promise);
  }

  void write(const command_meta& meta, const std::vector<restaurant_event>& events, restaurant&& next,
             caf::typed_response_promise<reply> promise) {
    auto row = begin_row(*shard, ref(current.id), current.version, meta, events, shard->now());
    row.state = encode(next);
    row.open = is_open(next);
    row.columns = restaurant_columns{next.profile.owner, next.profile.license_number, next.verification, next.status};
    row.answer = to_answer(meta, next);
    commit(
        self, *shard, line, std::move(row),
        [this, promise, next = std::move(next)](std::uint64_t) mutable {
          current = std::move(next);
          promise.deliver(reply{current});
          show_on_map();
        },
        [this, promise](errc why) mutable {
          if (why == errc::none) return promise.deliver(reply{current});
          refuse(promise, why);
        });
  }

  void refuse(caf::typed_response_promise<reply>& promise, errc why) {
    promise.deliver(caf::make_error(why));
    if (current.version == 0) caf::anon_send(shard->shard, may_forget{ref(current.id)});  // never registered
  }

  void show_on_map() const {
    if (current.verification != verification_status::active) return;
    const auto& at = current.profile.where.at;
    send_to(
        shard->region, board_ref(zone_at(at)), restaurant_seen{current.id, current.profile.name, at, current.status});
  }

  void pass_on(const order_changed& x) {
    for (const auto& one : x.events) feed_position = std::max(feed_position.value_or(0), one.position);
    subscribers.tell(shard->region, x);
  }

  caf::result<reply> read() const {
    if (current.version == 0) return caf::make_error(errc::restaurant_not_found);
    return reply{current};
  }

  caf::result<reply> quote_for(const price_lines& x) const {
    std::vector<wanted_line> wanted;
    wanted.reserve(x.lines.size());
    for (const auto& line : x.lines) wanted.push_back({line.item, line.quantity, line.special_instructions});
    auto lines = price(current, wanted);
    if (!lines) return caf::make_error(lines.error());
    const auto& at = current.profile.where.at;
    auto first = std::ranges::find(current.menu, lines->front().item, &menu_item::id);
    return reply{quote{current.profile.name, at, zone_at(at), std::move(*lines), first->money}};
  }

  caf::result<reply> add_subscriber(const subscribe& x) {
    if (current.version == 0) return caf::make_error(errc::restaurant_not_found);
    if (auto refused = subscribers.add(self, shard->region, ref(current.id), x); refused != errc::none)
      return caf::make_error(refused);
    if (feed_position) return reply{subscribed{*feed_position}};
    auto promise = self->make_response_promise<reply>();
    self->request(shard->node->reader_of(shard->id), limits::request_deadline, load_feed{current.id, shard->id})
        .then(
            [this, promise](const loaded_feed& found) mutable {
              feed_position = std::max(feed_position.value_or(0), found.position);
              promise.deliver(reply{subscribed{*feed_position}});
            },
            [this, promise, who = x.who](const caf::error& why) mutable {
              subscribers.remove(self, shard->region, ref(current.id), who);
              promise.deliver(why);
            });
    return promise;
  }

  restaurant_actor::pointer self;
  shard_context_ptr shard;
  restaurant current;
  std::optional<std::uint64_t> feed_position;  ///< of its orders' latest event; nothing until somebody asks
  watched_actors watched;
  subscriber_list subscribers{watched};
  write_line line;
};

}  // namespace

restaurant_actor spawn_restaurant(caf::actor_system& system, shard_context_ptr shard, restaurant_id id,
                                  std::optional<restaurant> known) {
  return system.spawn<restaurant_actor::stateful_impl<restaurant_state>>(std::move(shard), id, std::move(known));
}

}  // namespace dabba
