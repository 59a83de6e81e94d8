#include "actors/link.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/serialized_size.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <random>

#include "actors/awaited_answers.hpp"
#include "actors/cluster_metrics.hpp"
#include "actors/outgoing_parcels.hpp"
#include "actors/pulse.hpp"
#include "protocols/errors.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto hello_patience = 2s;
constexpr auto redial_interval = 250ms;
/// How often the other node is told what of its parcels was passed on, when it wants no earlier word and nothing else
/// goes there; and how often it is looked who waits for too long.
constexpr std::uint64_t ticks_per_word = 500ms / limits::tick_interval;

std::uint64_t new_connection_number() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  return random();
}

struct link_actor_state {
  static inline const char* name = "dabba.link";

  link_actor_state(local_link_actor::pointer self, std::shared_ptr<const node_context> node, link_audience audience,
                   link_options options)
      : self{self},
        node{std::move(node)},
        audience{std::move(audience)},
        options{std::move(options)},
        counted{self->system().metrics()} {}

  local_link_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) {
      if (other && other.address() == x.source) disconnect();
    });
    return {
        [this](const heartbeat& x) { hear(x); },
        [this](parcel& x) { take(std::move(x)); },
        [this](envelope& x) { return pass_on<reply>(std::move(x)); },
        [this](locate_partner x) { return pass_on<partner_actor>(x); },
        [this](locate_matchmaker x) { return pass_on<matchmaker_actor>(x); },
        [this](list_zones) { return pass_on<zone_list>(list_zones{true}); },
        [this](session_news& x) { pass_on(std::move(x)); },
        [this](const called& x) { connect(x.by.link, x.by.connection); },
        [this](newer_view x) { tell_view(x.version); },
        [this](const routes_changed& x) { routes = x; },
        [this](tick) { on_tick(); },
        [this](stop) { end(); },
    };
  }

  // -- The connection ------------------------------------------------------------------------------------------------

  void on_tick() {
    auto now = steady::now();
    if (other && beats.is_lost(now)) disconnect();
    if (other && beats.is_due(now)) beat();
    if (!other && options.dials && !is_dialling && now >= dial_at) call();
    if (++ticks % ticks_per_word == 0) {
      awaited.expire(now);
      if (said_handled < arrived) is_word_due = true;
    }
    send_gathered();
    counted.hold({outgoing.questions_waiting(), awaited.size(), outgoing.bytes_waiting()});
  }

  void call() {
    is_dialling = true;
    self->request(audience.dialer, caf::infinite, dial{options.address})
        .then([this](const gateway_actor& gateway) { greet(gateway); }, [this](const caf::error&) { dial_later(); });
  }

  void greet(const gateway_actor& gateway) {
    auto number = new_connection_number();
    self->request(gateway, hello_patience, hello{node->self, options.peer, protocol_version, number, link_actor{self}})
        .then(
            [this, number](const welcome& x) {
              is_dialling = false;
              connect(x.link, number);
            },
            [this](const caf::error& why) {
              if (why == errc::invalid_argument && !std::exchange(is_foreign, true))
                node->tell_operator(
                    "node " + to_string(options.peer) + " speaks another version of the nodes' protocol");
              dial_later();
            });
  }

  void dial_later() {
    is_dialling = false;
    dial_at = steady::now() + redial_interval;
  }

  void connect(const link_actor& to, std::uint64_t number) {
    disconnect();
    other = to;
    self->monitor(other);
    beats.start(number, steady::now());
    beat();
  }

  void disconnect() {
    if (!other) return;
    self->demonitor(other);
    other = nullptr;
    dial_at = steady::now();
    auto lost = outgoing.take_all();
    auto untold = lost.untold();
    // What sessions are told stays in order; what the region gets back it must not send here again.
    for (const auto& each : untold)
      if (const auto* news = std::get_if<session_news>(&each)) tell_without_link(*news);
    set_up(false);
    for (auto& [id, who] : awaited.take_all())
      if (auto what = lost.take(id, who.sent)) give_back(who, std::move(*what), false);
    for (auto& each : untold)
      if (auto* what = std::get_if<envelope>(&each)) caf::anon_send(audience.region, returned{std::move(*what), false});
    arrived = said_handled = 0;
  }

  void set_up(bool up) {
    if (std::exchange(is_up, up) == up) return;
    link_state news{options.peer, up, up ? other.node() : caf::node_id{}};
    caf::anon_send(audience.region, news);
    if (audience.membership) caf::anon_send(audience.membership, news);
  }

  void beat() { caf::anon_send(other, beats.next(known_view, steady::now())); }

  void hear(const heartbeat& x) {
    if (!other || x.connection != beats.connection()) return;
    if (beats.hear(x, steady::now())) beat();
    if (x.heard > 0) set_up(true);
    if (x.view > known_view && audience.membership) caf::anon_send(audience.membership, newer_view{x.view});
  }

  void tell_view(std::uint64_t version) {
    if (version <= known_view) return;
    known_view = version;
    if (other) beat();
  }

  void end() {
    disconnect();
    counted.hold({});
    self->quit();
  }

  // -- Questions for the other node ----------------------------------------------------------------------------------

  static steady::time_point asked_at(const question& what) {
    const auto* to_entity = std::get_if<envelope>(&what);
    return to_entity ? to_entity->since : steady::now();
  }

  template <class Answer>
  caf::result<Answer> pass_on(question&& what) {
    auto promise = self->make_response_promise<Answer>();
    bool wants_answer = !promise.async();
    if (!is_up) {
      give_back(promise, std::move(what), false);
      return promise;
    }
    auto until = asked_at(what) + limits::request_deadline;
    bool is_patient = !wants_answer && may_wait(what);
    std::optional<std::uint64_t> id;
    if (!wants_answer || awaited.size() < limits::answers_awaited) {
      auto bytes = size_of(what);
      id = outgoing.ask(std::move(what), wants_answer, until, bytes);
    }
    if (!id) {
      counted.refused->inc();
      promise.deliver(caf::make_error(errc::overloaded));
      return promise;
    }
    if (wants_answer) awaited.add(*id, promise, until);
    if (!is_patient) send_soon();
    return promise;
  }

  /// For sessions. What there is no room for is lost; sockets look now and then whether they miss something.
  void pass_on(session_news&& x) {
    if (!is_up) return tell_without_link(x);
    question what{std::move(x)};
    bool is_patient = may_wait(what);
    auto bytes = size_of(what);
    if (!outgoing.ask(std::move(what), false, steady::now() + limits::request_deadline, bytes)) counted.refused->inc();
    if (!is_patient) send_soon();
  }

  /// Positions, and what is for the live map, wait for company until the next tick: a message of its own for each would
  /// cost more than all that is done with it.
  static bool may_wait(const question& what) {
    if (const auto* news = std::get_if<session_news>(&what)) return std::holds_alternative<carrier_moved>(news->what);
    const auto* told = std::get_if<envelope>(&what);
    return told &&
           (told->to.kind == entity_kind::board || std::holds_alternative<locations>(told->body) ||
            std::holds_alternative<partner_seen>(told->body) || std::holds_alternative<carrier_moved>(told->body));
  }

  /// An envelope goes back to the region, which knows more or will; others ask again themselves.
  template <class Answer>
  void give_back(caf::typed_response_promise<Answer>& promise, question&& what, bool is_moved) {
    counted.returned->inc();
    if constexpr (std::is_same_v<Answer, reply>)
      promise.delegate(audience.region, returned{std::get<envelope>(std::move(what)), is_moved});
    else
      promise.deliver(caf::make_error(is_moved ? errc::moved : errc::unavailable));
  }
  void give_back(awaited_answer& who, question&& what, bool is_moved) {
    std::visit([&](auto& promise) { give_back(promise, std::move(what), is_moved); }, who.promise);
  }

  /// Behind whatever is on its way here through the region by now: what an order has to say after a commit, to whoever
  /// asked, to sessions and to other entities, leaves in one parcel.
  void send_soon() {
    if (std::exchange(is_sending_soon, true)) return;
    auto go_on = [this] {
      is_sending_soon = false;
      send_gathered();
    };
    self->request(audience.region, caf::infinite, flush{}).then(go_on, [go_on](const caf::error&) { go_on(); });
  }

  /// As it travels.
  template <class T>
  [[nodiscard]] std::size_t size_of(const T& what) const {
    return caf::detail::serialized_size(self->system(), what);
  }

  void send_gathered() {
    if (!other) return;
    while (auto next = outgoing.next()) {
      auto sent = caf::make_message(sealed(std::move(*next)));
      outgoing.keep(sent);
      counted.sent->inc(static_cast<std::int64_t>(sent.get_as<parcel>(0).questions.size()));
      awaited.sent(sent);
      send(sent);
    }
    if (is_word_due && said_handled < arrived) send(caf::make_message(sealed({})));
  }

  parcel sealed(parcel&& x) {
    x.connection = beats.connection();
    x.handled = said_handled = arrived;
    is_word_due = false;
    return std::move(x);
  }

  void send(const caf::message& what) { caf::anon_send(caf::actor_cast<caf::actor>(other), what); }

  // -- From the other node -------------------------------------------------------------------------------------------

  void take(parcel&& x) {
    if (!other || x.connection != beats.connection()) return;
    for (auto& each : x.answers) hear_answer(std::move(each));
    bool was_full = outgoing.is_full();
    outgoing.handled(x.handled);
    counted.received->inc(static_cast<std::int64_t>(x.questions.size()));
    for (auto& each : x.questions) pass_in(std::move(each));
    if (x.number > 0) arrived = x.number;
    if (x.wants_word) is_word_due = true;
    if (outgoing.has_answers() || x.wants_word || (was_full && !outgoing.is_empty())) send_soon();
  }

  void hear_answer(parcel::answered&& x) {
    auto waiting = awaited.take(x.id);
    if (!waiting) return;  // for too long
    const auto* refusal = std::get_if<errc>(&x.what);
    if (!refusal || *refusal != errc::moved) return deliver(*waiting, std::move(x.what));
    if (auto what = copy_question(waiting->sent, x.id)) give_back(*waiting, std::move(*what), true);
  }

  void pass_in(parcel::asked&& x) {
    auto go_on = [&]<class What>(What& what) {
      if constexpr (std::is_same_v<What, session_news>)
        tell_directly(what);  // never too late
      else if (x.ms_left == 0)
        return;  // who asked was told so, and must not find it done after all
      else if (!node->lease->is_valid())
        answer_with(x, errc::unavailable);
      else
        pass_in(x, what);
    };
    std::visit(go_on, x.what);
  }

  void pass_in(const parcel::asked& x, envelope& what) {
    if (++what.hops > limits::hops) return answer_with(x, errc::unavailable);
    what.since = steady::now() - (limits::request_deadline - std::chrono::milliseconds{x.ms_left});
    const auto& route = route_to(what.to.id);
    if (route.actor)
      pass_in(x, route.actor, what);
    else if (route.is_ours || what.view > routes.view || !x.wants_answer)
      pass_in(x, audience.region, what);  // which waits for the shard or for the view that brings it, or sends it on
    else
      answer_with(x, errc::moved);
  }
  template <class To>
  void pass_in(const parcel::asked& x, const To& whom, envelope& what) {
    if (x.wants_answer)
      ask<reply>(x.id, whom, std::move(what));
    else
      caf::anon_send(whom, std::move(what));
  }
  void pass_in(const parcel::asked& x, locate_partner what) {
    const auto& shard = route_to(what.who.value).actor;
    if (!shard) return answer_with(x, errc::moved);
    ask<partner_actor>(x.id, shard, what);
  }
  void pass_in(const parcel::asked& x, locate_matchmaker what) {
    const auto& shard = route_to(matchmaker_ref(what.zone).id).actor;
    if (!shard) return answer_with(x, errc::moved);
    ask<matchmaker_actor>(x.id, shard, what);
  }
  void pass_in(const parcel::asked& x, list_zones what) { ask<zone_list>(x.id, audience.region, what); }

  template <class Answer, class To, class What>
  void ask(std::uint64_t id, const To& whom, What&& what) {
    self->request(whom, caf::infinite, std::forward<What>(what))
        .then([this, id, on = beats.connection()](Answer& x) { gather(on, id, std::move(x)); },
              [this, id, on = beats.connection()](const caf::error& why) { gather(on, id, to_errc(why)); });
  }

  void gather(std::uint64_t of_connection, std::uint64_t id, answer what) {
    if (of_connection != beats.connection() || !other) return;
    auto bytes = size_of(what);
    outgoing.answer(id, std::move(what), bytes);
    send_soon();
  }

  void answer_with(const parcel::asked& x, errc why) {
    if (x.wants_answer) outgoing.answer(x.id, why, 0);
  }

  [[nodiscard]] const local_route& route_to(const uuid& id) const {
    static const local_route nowhere;
    return routes.here ? (*routes.here)[shard_of(id, node->shard_count).value] : nowhere;
  }

  local_link_actor::pointer self;
  std::shared_ptr<const node_context> node;
  link_audience audience;
  link_options options;
  link_metrics counted;
  routes_changed routes;

  link_actor other;
  pulse beats;
  bool is_up = false;
  bool is_dialling = false;
  bool is_foreign = false;  ///< it does not speak our version, which was said
  steady::time_point dial_at;
  std::uint64_t known_view = 0;

  outgoing_parcels outgoing;
  awaited_answers awaited;
  std::uint64_t arrived = 0;  ///< the other's latest parcel
  std::uint64_t said_handled = 0;
  bool is_word_due = false;  ///< on what of the other's was passed on
  bool is_sending_soon = false;
  std::uint64_t ticks = 0;
};

}  // namespace

local_link_actor spawn_link(caf::actor_system& system, std::shared_ptr<const node_context> node, link_audience audience,
                            link_options options) {
  return system.spawn<local_link_actor::stateful_impl<link_actor_state>>(
      std::move(node), std::move(audience), std::move(options));
}

}  // namespace dabba
