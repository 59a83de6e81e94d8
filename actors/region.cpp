#include "actors/region.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/cluster_metrics.hpp"
#include "actors/link.hpp"
#include "actors/parking.hpp"
#include "actors/periodic_thread.hpp"
#include "actors/shard.hpp"
#include "actors/shard_place.hpp"
#include "actors/zone_roll_call.hpp"
#include "cluster-config/membership.hpp"
#include "protocols/errors.hpp"

namespace dabba {
namespace {

constexpr int ticks_between_forgetting = std::chrono::minutes{1} / limits::tick_interval;
/// A shard that moved away is looked for again after so long, if nothing was heard of its new owner.
constexpr int ticks_between_attempts = std::chrono::seconds{1} / limits::tick_interval;

struct region_state {
  using steady = std::chrono::steady_clock;

  static inline const char* name = "dabba.region";

  region_state(local_region_actor::pointer self, std::shared_ptr<const node_context> node, region_options options)
      : self{self},
        node{std::move(node)},
        options{std::move(options)},
        counted{self->system().metrics()},
        places(this->node->shard_count) {}

  local_region_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { on_down(x); });
    if (options.ticks)
      metronome.emplace(limits::tick_interval, [to = local_region_actor{self}] { caf::anon_send(to, tick{}); });
    return {
        [this](envelope& x) { return take(std::move(x)); },
        [this](locate_partner x) { return locate<partner_actor>(x.who.value, x); },
        [this](locate_matchmaker x) { return locate<matchmaker_actor>(matchmaker_ref(x.zone).id, x); },
        [this](list_zones x) { return ask_for_zones(x); },
        [this](session_news& x) { pass_on(std::move(x)); },
        [this](tick x) { on_tick(x); },
        [this](stop x) { end(x); },
        [this](const hello& x) { return greet(x); },
        [this](const view_changed& x) {
          membership = x.by;
          follow(*x.view);
        },
        [this](link_state x) { on_link(x); },
        [this](tick_from x) { places[x.shard.value].ticks_from = x.at; },
        [](flush) {},
        [this](returned& x) { return take_back(std::move(x)); },
    };
  }

  // -- Routing -------------------------------------------------------------------------------------------------------

  caf::result<reply> take(envelope&& x) {
    if (!node->lease->is_valid()) return caf::make_error(errc::unavailable);
    if (x.since == steady::time_point{}) x.since = steady::now();
    auto shard = shard_of(x.to.id, node->shard_count);
    if (x.view > version) return wait_for_view(shard, std::move(x));
    x.view = version;
    if (const auto& here = served(shard)) return self->delegate(here, std::move(x));
    if (const auto* link = way_to(shard)) return self->delegate(*link, std::move(x));
    return park(shard, std::move(x));
  }

  /// From a node that knows more of the cluster: by its view the shard is here, or is about to be.
  caf::result<reply> wait_for_view(shard_id shard, envelope&& x) {
    if (membership) caf::anon_send(membership, newer_view{x.view});
    return park(shard, std::move(x));
  }

  caf::result<reply> take_back(returned&& x) {
    auto shard = shard_of(x.what.to.id, node->shard_count);
    // Sent by an older view it may go to the present owner at once. Sent by this one, whoever refused it knows more, or
    // hands the shard over: either way a newer view will tell.
    if (x.is_moved && x.what.view == version) places[shard.value].has_moved = true;
    if (++x.what.hops > limits::hops) return caf::make_error(errc::unavailable);
    auto promise = self->make_response_promise<reply>();
    send({std::move(x.what), promise}, shard);
    return promise;
  }

  void send(parked_envelope&& x, shard_id shard) {
    x.what.view = version;
    if (!node->lease->is_valid())
      x.promise.deliver(caf::make_error(errc::unavailable));
    else if (const auto& here = served(shard))
      x.promise.delegate(here, std::move(x.what));
    else if (const auto* link = way_to(shard))
      x.promise.delegate(*link, std::move(x.what));
    else
      park(shard, std::move(x.what), std::move(x.promise));
  }

  caf::result<reply> park(shard_id shard, envelope&& what) {
    auto promise = self->make_response_promise<reply>();
    park(shard, std::move(what), promise);
    return promise;
  }
  void park(shard_id shard, envelope&& what, caf::typed_response_promise<reply> promise) {
    if (!parked.park(shard, std::move(what), std::move(promise))) counted.parked_refused->inc();
  }

  [[nodiscard]] const shard_actor& served(shard_id shard) const { return places[shard.value].served(); }

  [[nodiscard]] const local_link_actor* way_to(shard_id shard) const {
    const auto& x = places[shard.value];
    if (!x.owner || x.has_moved) return nullptr;
    auto found = links.find(*x.owner);
    return found != links.end() && found->second.is_up ? &found->second.actor : nullptr;
  }

  void pass_on(session_news&& x) {
    auto at = x.to.front().node();
    auto way = std::ranges::find_if(links, [&](const auto& link) { return link.second.system == at; });
    if (way == links.end()) return tell_without_link(x);
    caf::anon_send(way->second.actor, std::move(x));
  }

  template <class Actor, class Question>
  caf::result<Actor> locate(const uuid& id, Question what) {
    if (!node->lease->is_valid()) return caf::make_error(errc::unavailable);
    auto shard = shard_of(id, node->shard_count);
    if (const auto& here = served(shard)) return self->delegate(here, what);
    if (const auto* link = way_to(shard)) return self->delegate(*link, what);
    return caf::make_error(errc::unavailable);
  }

  caf::result<zone_list> ask_for_zones(list_zones x) {
    zone_roll_call call{self};
    for (const auto& each : places)
      if (each.served()) call.ask(each.here);
    if (!x.of_this_node)
      for (const auto& [peer, link] : links)
        if (link.is_up) call.ask(link.actor);
    return call.result();
  }

  // -- The view ------------------------------------------------------------------------------------------------------

  void follow(const cluster_view& view) {
    version = view.version;
    for (const auto& row : view.shards) follow(row);
    follow_nodes(view);
    publish_routes();
    for (const auto& [peer, link] : links) caf::anon_send(link.actor, newer_view{version});
    send_parked();
  }

  void follow(const shard_row& row) {
    auto& x = places.at(row.id.value);
    if (x.owner != row.owner || x.epoch != row.epoch) x.has_moved = false;
    x.owner = row.owner;
    x.epoch = row.epoch;
    x.state = row.state;
    bool is_ours = row.owner == node->self;
    if (x.here && (!is_ours || row.epoch > x.here_since)) return stop_serving(x);  // goes on in `ended`
    if (!is_ours) x.is_lost = false;
    if (!is_ours || x.is_lost) return;
    if (row.state == shard_state::handoff)
      close(x, row);
    else if (!x.here)
      start({row.id, row.epoch});
  }

  void start(const owned_shard& owned) {
    if (is_ending) return;
    auto& x = places[owned.id.value];
    x.here = spawn_shard(self->system(), node, local_region_actor{self}, owned);
    x.here_since = owned.epoch;
    x.ticks_from = {};
    x.is_closing = x.is_lost = x.has_moved = false;
    self->monitor(x.here);
    counted.epoch[std::to_string(owned.id.value)].value(static_cast<std::int64_t>(owned.epoch));
  }

  /// Lets the shard finish, and then (`ended`) says that it may go.
  void close(shard_place& x, const shard_row& row) {
    if (x.here)
      stop_serving(x);
    else
      tell_drained(row.id, row.epoch);
  }

  void tell_drained(shard_id shard, std::uint64_t epoch) {
    if (membership) caf::anon_send(membership, drained{shard, epoch});
  }

  void stop_serving(shard_place& x) {
    if (!std::exchange(x.is_closing, true)) caf::anon_send(x.here, stop{});
  }

  void on_down(const caf::down_msg& x) {
    for (std::uint16_t i = 0; i < places.size(); ++i)
      if (places[i].here && places[i].here.address() == x.source) return ended({i});
  }

  void ended(shard_id shard) {
    auto& x = places[shard.value];
    x.here = nullptr;
    counted.epoch[std::to_string(shard.value)].value(0);
    bool was_closing = std::exchange(x.is_closing, false);
    if (is_ending) return quit_when_done();
    if (x.owner == node->self) {
      if (x.state == shard_state::handoff)
        tell_drained(shard, x.epoch);
      else if (was_closing)
        start({shard, x.epoch});
      else
        x.is_lost = true;  // its journal gave it up, or another node took it over: the tables know which
    }
    retake_lost();
    publish_routes();
    send_parked();
  }

  void retake_lost() {
    if (!node->cluster) return;
    for (std::uint16_t i = 0; i < places.size(); ++i) {
      if (!places[i].is_lost) continue;
      places[i].is_lost = false;
      self->request(node->cluster, limits::retake_patience, retake_shard{{i}})
          .then([this, i](const retaken_shard& x) { retaken({i}, x); },
                [this, i](const caf::error&) { places[i].is_lost = places[i].owner == node->self; });
    }
  }

  void retaken(shard_id shard, const retaken_shard& x) {
    auto& mine = places[shard.value];
    if (mine.here) return;
    if (!x.shard || mine.state == shard_state::handoff) return given_up(shard);
    mine.owner = node->self;
    mine.epoch = x.shard->epoch;
    start(*x.shard);
    publish_routes();
    send_parked();
  }

  /// Nothing of it runs here: who asked for it need not wait.
  void given_up(shard_id shard) {
    const auto& x = places[shard.value];
    if (x.owner == node->self && x.state == shard_state::handoff) tell_drained(shard, x.epoch);
  }

  void publish_routes() {
    if (links.empty()) return;
    auto here = std::make_shared<std::vector<local_route>>(places.size());
    std::ranges::transform(places, here->begin(), [this](const shard_place& x) { return x.route(node->self); });
    for (const auto& [peer, link] : links) caf::anon_send(link.actor, routes_changed{version, here});
  }

  void send_parked() {
    for (auto shard : parked.shards()) {
      if (!served(shard) && !way_to(shard)) continue;
      for (auto& each : parked.take(shard)) send(std::move(each), shard);
    }
  }

  // -- Other nodes ---------------------------------------------------------------------------------------------------

  void follow_nodes(const cluster_view& view) {
    if (!options.dialer || is_ending) return;
    const auto* self_row = find_node(view, node->self);
    for (const auto& row : view.nodes) {
      if (row.id == node->self || row.state == node_state::dead || links.contains(row.id)) continue;
      bool is_older = self_row && std::pair{row.started_at, row.id} < std::pair{self_row->started_at, self_row->id};
      add_link({row.id, is_older, {row.host, row.cluster_port}});
    }
    std::erase_if(links, [&](const auto& entry) {
      const auto* row = find_node(view, entry.first);
      bool is_gone = !row || row->state == node_state::dead;
      if (is_gone) caf::anon_send(entry.second.actor, stop{});
      return is_gone;
    });
  }

  void add_link(link_options way) {
    auto peer = way.peer;
    auto& link = links[peer].actor;
    link = spawn_link(self->system(), node, {local_region_actor{self}, membership, options.dialer}, std::move(way));
    self->link_to(link);  // one that fails takes us with it: the peer would be lost for good
  }

  caf::result<welcome> greet(const hello& x) {
    if (x.to != node->self) return caf::make_error(errc::not_found);
    if (version == 0 || is_ending)
      return caf::make_error(errc::unavailable);  // before the first view nobody here could be told of it
    if (x.protocol != protocol_version) return caf::make_error(errc::invalid_argument);
    if (!links.contains(x.from)) {
      add_link({x.from, false, {}});
      publish_routes();
    }
    const auto& link = links[x.from].actor;
    caf::anon_send(link, called{x});
    return welcome{link};
  }

  void on_link(link_state x) {
    auto found = links.find(x.peer);
    if (found == links.end()) return;
    found->second.is_up = x.is_up;
    found->second.system = x.system;
    if (x.is_up) send_parked();
  }

  // -- Time and end --------------------------------------------------------------------------------------------------

  void on_tick(tick x) {
    retake_lost();
    forget_old_answers();
    counted.parked_refused->inc(static_cast<std::int64_t>(parked.expire()));
    counted.parked->value(static_cast<std::int64_t>(parked.count()));
    if (++ticks_since_attempt >= ticks_between_attempts) look_again();
    auto at = node->time->now();
    for (const auto& each : places)
      if (each.here && each.ticks_from <= at) caf::anon_send(each.here, x);
    for (const auto& [peer, link] : links) caf::anon_send(link.actor, x);
  }

  void look_again() {
    ticks_since_attempt = 0;
    count();
    for (auto shard : parked.shards()) places[shard.value].has_moved = false;
    send_parked();
  }

  void count() {
    auto up = std::ranges::count_if(links, [](const auto& x) { return x.second.is_up; });
    counted.links["up"].value(up);
    counted.links["down"].value(std::ssize(links) - up);
    auto closing = std::ranges::count_if(places, &shard_place::is_closing);
    auto here = std::ranges::count_if(places, [](const shard_place& x) { return x.here != nullptr; });
    counted.shards["served"].value(here - closing);
    counted.shards["closing"].value(closing);
    counted.shards["lost"].value(std::ranges::count_if(places, &shard_place::is_lost));
  }

  void forget_old_answers() {
    if (!node->cluster || ++ticks_since_forgotten < ticks_between_forgetting) return;
    ticks_since_forgotten = 0;
    caf::anon_send(node->cluster, forget_answers{node->time->now() - limits::answers_kept});
  }

  /// Ends when all shards have.
  void end(stop x) {
    is_ending = true;
    for (auto& each : places)
      if (each.here) stop_serving(each);
    for (auto& [peer, link] : links) caf::anon_send(link.actor, x);
    quit_when_done();
  }

  void quit_when_done() {
    if (!std::ranges::any_of(places, [](const shard_place& x) { return x.here != nullptr; })) self->quit();
  }

  struct known_link {
    local_link_actor actor;
    bool is_up = false;
    caf::node_id system;  ///< the peer's actor system; none when it is not up
  };

  local_region_actor::pointer self;
  std::shared_ptr<const node_context> node;
  region_options options;
  membership_actor membership;
  region_metrics counted;
  std::uint64_t version = 0;
  std::vector<shard_place> places;  ///< by shard id
  std::map<node_id, known_link> links;
  parking parked;
  std::optional<periodic_thread> metronome;
  bool is_ending = false;
  int ticks_since_forgotten = 0;
  int ticks_since_attempt = 0;
};

}  // namespace

local_region_actor spawn_region(caf::actor_system& system, std::shared_ptr<const node_context> node,
                                region_options options) {
  return system.spawn<local_region_actor::stateful_impl<region_state>>(std::move(node), std::move(options));
}

}  // namespace dabba
