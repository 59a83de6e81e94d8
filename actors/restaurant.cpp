#include "actors/restaurant.hpp"

#include <algorithm>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/domain/order_machine.hpp"
#include "actors/domain/restaurant_machine.hpp"
#include "actors/restaurant_answers.hpp"
#include "actors/write_path.hpp"
#include "actors/zones.hpp"

namespace dabba {
namespace {

/// A line as it is priced: its item's category is on the menu.
struct restaurant_state {
  static inline const char* name = "dabba.restaurant";

  restaurant_state(restaurant_actor::pointer self, shard_context_ptr shard, restaurant_id id,
                   std::optional<restaurant_with_menu> known)
      : self{self}, shard{std::move(shard)} {
    if (known) current = std::move(*known);
    current.about.id = id;
    returns = returns_of(*current.menu);
  }

  restaurant_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { subscribers.remove(x.source); });
    show_on_map();
    return {
        [this](restaurant_request& x) { return handle(std::move(x)); },
        [this](read_state) { return read(); },
        [this](const read_menu& x) { return show_menu(x); },
        [this](const price_lines& x) { return quote_for(x); },
        [this](const subscribe& x) { return add_subscriber(x); },
        [this](const unsubscribe& x) { subscribers.remove(self, shard->region, ref(current.about.id), x.who); },
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
    auto version = current.about.version;
    if (is_remembered(current.about.recent, x.meta.command)) return promise.deliver(answer_to(x.command, current));
    if (x.meta.expected_version.value_or(version) != version) return refuse(promise, errc::stale_version);
    auto now = shard->now();
    auto events = decide(current, x.command, now);
    if (!events) return refuse(promise, events.error());
    if (events->empty()) return promise.deliver(answer_to(x.command, current));
    auto next = current;
    for (const auto& event : *events) apply(next, event);
    remember(next.about.recent, x.meta.command);
    write(x, *events, std::move(next), now, promise);
  }

  void write(const restaurant_request& x, const std::vector<restaurant_event>& events, restaurant_with_menu&& next,
             instant now, caf::typed_response_promise<reply> promise) {
    const auto& about = next.about;
    auto row = begin_row(*shard, ref(about.id), current.about.version, x.meta, events, now);
    row.state = encode(next);
    row.open = is_online(about);
    row.columns =
        restaurant_columns{about.profile.owner, about.profile.license_number, about.verification, about.status};
    auto answer = answer_to(x.command, next);
    row.answer = to_answer(x.meta, answer);
    commit(
        self, *shard, line, std::move(row),
        [this, promise, next = std::move(next), answer = std::move(answer)](std::uint64_t) mutable {
          current = std::move(next);
          returns = returns_of(*current.menu);
          promise.deliver(std::move(answer));
          show_on_map();
        },
        [this, promise, command = x.command](errc why) mutable {
          if (why == errc::none) return promise.deliver(answer_to(command, current));
          refuse(promise, why);
        });
  }

  void refuse(caf::typed_response_promise<reply>& promise, errc why) {
    promise.deliver(caf::make_error(why));
    if (is_registered()) return;
    caf::anon_send(shard->shard, may_forget{ref(current.about.id)});
  }

  void show_on_map() const {
    const auto& x = current.about;
    if (x.verification != verification_status::active && x.verification != verification_status::inactive) return;
    const auto& at = x.profile.where.at;
    send_to(shard->region, board_ref(zone_at(at)), restaurant_seen{x.id, x.profile.name, at, x.status});
  }

  void pass_on(const order_changed& x) {
    for (const auto& one : x.events) feed_position = std::max(feed_position.value_or(0), one.position);
    subscribers.tell(shard->region, x);
  }

  [[nodiscard]] bool is_registered() const noexcept { return current.about.version > 0; }

  caf::result<reply> read() const {
    if (!is_registered()) return caf::make_error(errc::restaurant_not_found);
    return reply{current.about};
  }

  caf::result<reply> show_menu(const read_menu& x) const {
    if (!is_registered()) return caf::make_error(errc::restaurant_not_found);
    auto now = shard->now();
    auto returned = std::ranges::upper_bound(returns, now) - returns.begin();
    return answer_to(x, current, static_cast<std::uint32_t>(returned), now);
  }

  caf::result<reply> quote_for(const price_lines& x) const {
    if (!is_registered()) return caf::make_error(errc::restaurant_not_found);
    const auto& node = *shard->node;
    return answer_to(x, current, {node.orders.preparation_minutes, node.pricing}, shard->now());
  }

  caf::result<reply> add_subscriber(const subscribe& x) {
    const auto& id = current.about.id;
    if (!is_registered()) return caf::make_error(errc::restaurant_not_found);
    if (auto refused = subscribers.add(self, shard->region, ref(id), x); refused != errc::none)
      return caf::make_error(refused);
    if (feed_position) return reply{subscribed{*feed_position}};
    auto promise = self->make_response_promise<reply>();
    self->request(shard->node->reader_of(shard->id), limits::request_deadline, load_feed{id, shard->id})
        .then(
            [this, promise](const loaded_feed& found) mutable {
              feed_position = std::max(feed_position.value_or(0), found.position);
              promise.deliver(reply{subscribed{*feed_position}});
            },
            [this, promise, who = x.who](const caf::error& why) mutable {
              subscribers.remove(self, shard->region, ref(current.about.id), who);
              promise.deliver(why);
            });
    return promise;
  }

  restaurant_actor::pointer self;
  shard_context_ptr shard;
  restaurant_with_menu current;
  std::vector<instant> returns;                ///< of what the menu has and is not to be had, earliest first
  std::optional<std::uint64_t> feed_position;  ///< of its orders' latest event; nothing until somebody asks
  watched_actors watched;
  subscriber_list subscribers{watched};
  write_line line;
};

}  // namespace

restaurant_actor spawn_restaurant(caf::actor_system& system, shard_context_ptr shard, restaurant_id id,
                                  std::optional<restaurant_with_menu> known) {
  return system.spawn<restaurant_actor::stateful_impl<restaurant_state>>(std::move(shard), id, std::move(known));
}

}  // namespace dabba
