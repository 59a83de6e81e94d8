#include "actors/board.hpp"

#include <unordered_set>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/domain/city_board.hpp"
#include "actors/idle_time.hpp"
#include "actors/write_path.hpp"

namespace dabba {
namespace {

constexpr int ticks_per_update = 5;  // 250 ms
constexpr auto idle_before_forgotten =
    std::chrono::seconds{30};  // with nothing to show and nobody to see it; real time
constexpr auto counted_back = std::chrono::hours{24};

struct board_state {
  static inline const char* name = "dabba.board";

  board_state(board_actor::pointer self, shard_context_ptr shard, zone_id zone)
      : self{self}, shard{std::move(shard)}, zone{zone}, board{zone} {}

  board_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { watchers.remove(x.source); });
    load_history();
    return {
        [this](const order_changed& x) { see(x); },
        [this](const restaurant_seen& x) { board.see(x); },
        [this](const partners_moved& x) { board.see(x); },
        [this](const subscribe& x) { return add_watcher(x); },
        [this](const unsubscribe& x) { watchers.remove(self, shard->region, board_ref(zone), x.who); },
        [this](list_zones) { return zone_list{{board.info()}}; },
        [this](tick) { on_tick(); },
        [this](stop) { self->quit(); },
    };
  }

  /// What ended in the last day, so that a restart does not empty the counters. What ends while the store is being
  /// asked may be counted twice: a board is a picture, not a ledger.
  void load_history() {
    self->request(shard->node->reader_of(shard->id), limits::request_deadline,
                  load_summary{zone, shard->now() - counted_back})
        .then(
            [this](const zone_summary& x) {
              city_counters ended;
              ended.delivered = x.delivered;
              ended.cancelled = x.cancelled;
              ended.rejected = x.rejected;
              ended.undeliverable = x.undeliverable;
              board.start_from(ended, x.click_to_door);
            },
            [](const caf::error&) {});
  }

  /// Restaurants show themselves when they start and when they change; a board that starts later asks.
  void see(const order_changed& x) {
    board.see(*x.now, !x.events.empty());
    auto restaurant = x.now->restaurant;
    if (!is_terminal(x.now->status) && !board.knows(restaurant) && asked.insert(restaurant).second)
      send_to(shard->region, ref(restaurant), show_restaurant{});
  }

  caf::result<reply> add_watcher(const subscribe& x) {
    if (auto refused = watchers.add(self, shard->region, board_ref(zone), x); refused != errc::none)
      return caf::make_error(refused);
    // What changed so far is in the snapshot; the others get it first, so that nobody gets it twice.
    send_changes(x.who);
    caf::anon_send(x.who, board.snapshot(shard->now()));
    return reply{subscribed{}};
  }

  void send_changes(const session_actor& but) {
    auto news = board.take_changes(shard->now());
    if (!news) return;
    watchers.show_all_but(but, *news);
  }

  void on_tick() {
    if (++ticks % ticks_per_update != 0) return;
    bool is_idle = board.is_empty() && watchers.empty();
    if (idle.update(shard->now(), is_idle) >= shard->node->time->from_real(idle_before_forgotten))
      return caf::anon_send(shard->shard, may_forget{board_ref(zone)});
    asked.clear();
    // Taken also when nobody watches, so that changes do not pile up.
    if (auto news = board.take_changes(shard->now())) watchers.show_all_but({}, *news);
  }

  board_actor::pointer self;
  shard_context_ptr shard;
  zone_id zone;
  city_board board;
  std::unordered_set<restaurant_id> asked;  ///< to show themselves, since the last update
  watched_actors watched;
  subscriber_list watchers{watched, limits::watchers_per_city, limits::watchers_per_city};
  idle_time idle{shard->now()};
  std::uint64_t ticks = 0;
};

}  // namespace

board_actor spawn_board(caf::actor_system& system, shard_context_ptr shard, zone_id zone) {
  return system.spawn<board_actor::stateful_impl<board_state>>(std::move(shard), zone);
}

}  // namespace dabba
