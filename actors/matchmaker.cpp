#include "actors/matchmaker.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/domain/dispatch/dispatcher.hpp"
#include "actors/idle_time.hpp"
#include "protocols/errors.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

constexpr int ticks_per_map_update = 5;  // 250 ms
// How long a zone without partners and searches is kept: one that never had a search, and one whose records somebody
// may still ask for (real time).
constexpr auto idle_before_forgotten = std::chrono::seconds{30};
constexpr auto idle_with_records = std::chrono::hours{24};

duration answer_time(const node_context& node) {
  return std::max(node.dispatch.offer_patience, node.time->from_real(node.dispatch.offer_patience_real));
}

struct matchmaker_state {
  static inline const char* name = "dabba.matchmaker";

  matchmaker_state(matchmaker_actor::pointer self, shard_context_ptr shard, zone_id zone)
      : self{self},
        shard{std::move(shard)},
        zone{zone},
        dispatch{
            zone, this->shard->node->dispatch, answer_time(*this->shard->node), std::make_unique<nearest_policy>()},
        positions{self->system().metrics().counter_singleton(
            "dabba.matchmaker", "positions", "Positions put into the index.", "1", true)} {}

  matchmaker_actor::behavior_type make_behavior() {
    return {
        [this](const find_partner& x) { carry_out(dispatch.find(x, shard->now())); },
        [this](const end_search& x) { carry_out(dispatch.end(x.order, x.taken_by, shard->now())); },
        [this](const partner_seen& x) { see(x); },
        [this](const partner_left& x) { lose(x); },
        [this](const offer_answered& x) { carry_out(dispatch.answered(x.what, x.partner, x.outcome, shard->now())); },
        [this](const read_search& x) { return read(x.order); },
        [this](tick) { on_tick(); },
        [this](stop) { self->quit(); },
    };
  }

  void see(const partner_seen& x) {
    moved[x.partner] = x.at;
    carry_out(dispatch.seen(x, shard->now()));
    positions->inc();
  }

  void lose(const partner_left& x) {
    moved.erase(x.partner);
    left.push_back(x.partner);
    carry_out(dispatch.left(x.partner, shard->now()));
  }

  void on_tick() {
    auto now = shard->now();
    if (now >= sweep_at) {
      carry_out(dispatch.sweep(now));
      sweep_at = now + shard->node->time->from_real(limits::remind_interval);
    }
    carry_out(dispatch.round(now));
    const auto& state = dispatch.state();
    bool is_idle = state.partners.empty() && state.searches.empty();
    auto patience = dispatch.has_records() ? duration{idle_with_records} : duration{idle_before_forgotten};
    if (idle.update(now, is_idle) >= shard->node->time->from_real(patience))
      return caf::anon_send(shard->shard, may_forget{matchmaker_ref(zone)});
    if (++ticks % ticks_per_map_update == 0) show_on_map();
  }

  void show_on_map() {
    if (moved.empty() && left.empty()) return;
    partners_moved news;
    news.moved.reserve(moved.size());
    for (const auto& [partner, at] : moved) news.moved.push_back({partner, at});
    news.left = std::move(left);
    moved.clear();
    left.clear();
    send_to(shard->region, board_ref(zone), std::move(news));
  }

  void carry_out(dispatch_effects&& effects) {
    for (auto& effect : effects) std::visit([this](auto& x) { carry_out(std::move(x)); }, effect);
  }

  void carry_out(send_offer&& x) {
    auto offer = x.what.id;
    auto refused = [this, offer, to = x.to](const caf::error&) {
      carry_out(dispatch.answered(offer, to, offer_outcome::refused, shard->now()));
    };
    self->request(
            shard->region, limits::request_deadline, envelope{ref(x.to), 0, 0, routed{make_offer{std::move(x.what)}}})
        .then([](const reply&) {}, std::move(refused));
  }

  void carry_out(take_back&& x) { send_to(shard->region, ref(x.from), withdraw_offer{x.what, x.why}); }

  caf::result<reply> read(order_id order) const {
    const auto* record = dispatch.record(order);
    if (!record) return caf::make_error(errc::search_not_found);
    return reply{*record};
  }

  matchmaker_actor::pointer self;
  shard_context_ptr shard;
  zone_id zone;
  dispatcher dispatch;
  caf::telemetry::int_counter* positions;
  std::unordered_map<partner_id, geo_point> moved;
  std::vector<partner_id> left;
  std::uint64_t ticks = 0;
  instant sweep_at;
  idle_time idle{shard->now()};
};

}  // namespace

matchmaker_actor spawn_matchmaker(caf::actor_system& system, shard_context_ptr shard, zone_id zone) {
  return system.spawn<matchmaker_actor::stateful_impl<matchmaker_state>>(std::move(shard), zone);
}

}  // namespace dabba
