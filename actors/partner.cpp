#include "actors/partner.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/award.hpp"
#include "actors/domain/order_machine.hpp"
#include "actors/domain/partner_machine.hpp"
#include "actors/offer_book.hpp"
#include "actors/phone.hpp"
#include "actors/reach.hpp"
#include "actors/settlement.hpp"
#include "actors/write_path.hpp"

namespace dabba {
namespace {

// How often the customers of a carried order are told where it is, at most (real time).
constexpr auto share_interval = std::chrono::milliseconds{250};
constexpr auto idle_before_forgotten = std::chrono::minutes{10};  // real time

struct partner_state {
  static inline const char* name = "dabba.partner";

  partner_state(partner_actor::pointer self, shard_context_ptr shard, partner_id id, std::optional<partner> known)
      : self{self},
        shard{std::move(shard)},
        reach{this->shard->region, this->shard->node->dispatch.last_radius},
        handset{this->shard->now(), this->shard->node->time->from_real(this->shard->node->dispatch.silence_real)},
        offers{id, this->shard->region},
        to_settle{this->shard->node->time} {
    if (known) current = std::move(*known);
    current.id = id;
    // An order may have ended while this could not be written down.
    to_settle.add_carried(current);
  }

  partner_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { on_down(x); });
    settle();
    set_next_timer();
    return {
        [this](partner_request& x) { return handle(std::move(x)); },
        [this](read_state) { return caf::result<reply>{reply{current}}; },
        [this](read_offers) { return list_offers(); },
        [this](make_offer& x) { return hold(std::move(x)); },
        [this](const withdraw_offer& x) {
          if (offers.drop(x, handset.session())) tell_matchmakers();
        },
        [this](const subscribe& x) { return add_subscriber(x); },
        [this](const unsubscribe& x) { subscribers.remove(self, shard->region, ref(current.id), x.who); },
        [this](const attach& x) { return connect(x.phone); },
        [this](const detach& x) { disconnect(x.phone); },
        [this](const locations& x) { move(x); },
        [this](const order_changed& x) { follow(*x.now); },
        [this](timer_due) { on_timer(); },
        [this](stop) { end_in_line(self, line); },
    };
  }

  // -- Commands ------------------------------------------------------------------------------------------------------

  caf::result<reply> handle(partner_request&& x) {
    heard();
    auto promise = self->make_response_promise<reply>();
    bool in_line = line.run([this, promise, x = std::move(x)]() mutable {
      // A repeated accept is answered from the deliveries it won.
      bool is_accept = std::holds_alternative<accept_offer>(x.command);
      if (!is_accept && is_remembered(current.recent, x.meta.command)) return promise.deliver(reply{current});
      if (x.meta.expected_version.value_or(current.version) != current.version)
        return promise.deliver(caf::make_error(errc::stale_version));
      std::visit([&](const auto& command) { execute(x.meta, command, promise); }, x.command);
    });
    if (!in_line) promise.deliver(caf::make_error(errc::overloaded));
    return promise;
  }

  using answer = caf::typed_response_promise<reply>;

  void execute(const command_meta& meta, const go_online& x, answer& promise) {
    if (x.at) position = location{*x.at, shard->now(), {}, {}, {}};
    write_shift(meta, decide(current, x), promise);
  }

  void execute(const command_meta& meta, const go_offline& x, answer& promise) {
    write_shift(meta, decide(current, x), promise);
  }

  void write_shift(const command_meta& meta, std::vector<partner_event>&& events, answer& promise) {
    if (events.empty()) {
      tell_matchmakers();
      return promise.deliver(reply{current});
    }
    write(meta, std::move(events), {}, [this, promise](errc why) mutable {
      if (why != errc::none) return promise.deliver(caf::make_error(why));
      if (current.shift == shift_status::offline) offers.drop_all(withdrawal::offline, handset.session());
      tell_matchmakers();
      promise.deliver(reply{current});
    });
  }

  void execute(const command_meta&, const decline_offer& x, answer& promise) {
    auto declined = offers.take(x.offer);
    if (!declined) return promise.deliver(caf::make_error(errc::offer_no_longer_available));
    offers.answer(*declined, offer_outcome::declined);
    tell_matchmakers();
    promise.deliver(reply{awarded_job{x.offer, {}}});
  }

  /// Reserves slots, asks every order of the job, and writes down what was won. The winner is told after the commit.
  void execute(const command_meta& meta, const accept_offer& x, answer& promise) {
    if (auto won = deliveries_of(current, x.offer); !won.empty())
      return promise.deliver(reply{awarded_job{x.offer, won}});
    const auto* held = offers.find(x.offer);
    if (!held || held->expires_at <= shard->now() || current.shift == shift_status::offline)
      return promise.deliver(caf::make_error(errc::offer_no_longer_available));
    auto accepted = *offers.take(x.offer);
    auto slots = free_slots(current, accepted.offered.stops.size());
    if (!slots) {
      offers.answer(accepted, offer_outcome::refused);
      return promise.deliver(caf::make_error(slots.error()));
    }
    line.begin();
    awarding = true;
    request_award(self, shard->region, meta.command, current.id, accepted, *slots,
                  [this, meta, promise, accepted](std::vector<active_delivery>&& won, errc refused) mutable {
                    awarded(meta, accepted, std::move(won), refused, promise);
                  });
  }

  void awarded(const command_meta& meta, const offer& accepted, std::vector<active_delivery>&& won, errc refused,
               answer& promise) {
    if (won.empty()) {
      awarding = false;
      offers.answer(accepted, offer_outcome::refused);
      tell_matchmakers();
      // The store knows of a delivery that this actor does not: its order will remind us of it.
      bool is_behind = refused == errc::partner_at_capacity;
      promise.deliver(caf::make_error(is_behind ? errc::offer_no_longer_available : refused));
      return line.end();
    }
    std::vector<partner_event> events;
    for (const auto& delivery : won)
      if (!find_delivery(current, delivery.order)) events.push_back(partner_delivery_assigned{delivery});
    if (!accepted.offered.follows_current) offers.drop_all(withdrawal::busy, handset.session());
    // From here the award stands in the orders' journal; should this write fail, the orders tell again (follow).
    reply told{awarded_job{accepted.id, std::move(won)}};
    write(meta, std::move(events), told, [this, promise, told](errc why) mutable {
      awarding = false;
      tell_matchmakers();
      if (why != errc::none) return promise.deliver(caf::make_error(why));
      share_position();
      promise.deliver(std::move(told));
    });
  }

  /// `told` is the answer a repeat of the request gets (nothing: the partner). `done` is called with `none` after the
  /// commit, in line with other commands.
  template <class Done>
  void write(const command_meta& meta, std::vector<partner_event>&& events, const std::optional<reply>& told,
             Done done) {
    auto next = current;
    for (const auto& event : events) apply(next, event);
    remember(next.recent, meta.command);
    auto now = shard->now();
    auto row = begin_row(*shard, ref(current.id), current.version, meta, events, now);
    row.state = encode(next);
    row.open = is_on_duty(next);
    row.columns = partner_columns{next.shift};
    row.answer = told ? to_answer(meta, *told) : to_answer(meta, next);
    commit(
        self, *shard, line, std::move(row),
        [this, done, now, events = std::move(events), next = std::move(next)](std::uint64_t position) mutable {
          auto seq = current.version;
          current = std::move(next);
          for (auto& event : events)
            subscribers.tell(shard->region, published{ref(current.id), ++seq, position++, now, std::move(event)});
          set_next_timer();
          done(errc::none);
        },
        done);
  }

  // -- Offers --------------------------------------------------------------------------------------------------------

  caf::result<reply> hold(make_offer&& x) {
    if (current.shift == shift_status::offline || is_silent()) return caf::make_error(errc::partner_offline);
    offers.drop_expired(shard->now());
    bool busy = (awarding || !current.active.empty()) && !x.what.offered.follows_current;
    bool full = offers.is_full() || free_slot_count(current) < x.what.offered.stops.size();
    if (busy || full) return caf::make_error(errc::partner_at_capacity);
    offers.hold(std::move(x), handset.session());
    tell_matchmakers();
    return reply{done{}};
  }

  caf::result<reply> list_offers() {
    heard();
    return reply{open_offers{offers.open_at(shard->now())}};
  }

  // -- Deliveries ----------------------------------------------------------------------------------------------------

  /// An order this partner carries, or carried, or was given while its own write failed: brings the two in step. In
  /// line, because what it is compared with may be on its way to the store.
  void follow(const order& x) {
    bool in_line = line.run([this, x] { bring_in_step(x); });
    if (!in_line) retry(x.id);
  }

  void bring_in_step(const order& x) {
    bool ours = x.carried_by && x.carried_by->partner == current.id && !is_terminal(x.status);
    bool known = find_delivery(current, x.id) != nullptr;
    if (ours == known) return;
    auto label = (ours ? "assigned" : "ended") + std::to_string(x.version);
    command_meta meta{{derive_uuid(x.id.value, label)}, {}, {}};
    if (is_remembered(current.recent, meta.command)) return;  // an older state of the order that came late
    std::vector<partner_event> events;
    if (ours)
      events.push_back(partner_delivery_assigned{to_delivery(x)});
    else
      events.push_back(partner_delivery_ended{x.id, outcome_of(x)});
    write(meta, std::move(events), {}, [this, id = x.id](errc why) {
      if (why != errc::none) retry(id);
      tell_matchmakers();
      share_position();
    });
  }

  /// Asks the orders that may have gone on without this partner how they stand.
  void settle() {
    for (auto id : to_settle.take(current))
      self->request(shard->region, limits::request_deadline, envelope{ref(id), 0, 0, routed{read_state{}}})
          .then(
              [this](const reply& answer) {
                if (const auto* found = std::get_if<order>(&answer)) follow(*found);
              },
              [this, id](const caf::error&) { retry(id); });
  }

  void retry(order_id id) {
    to_settle.add(id);
    set_next_timer();
  }

  // -- Whereabouts ---------------------------------------------------------------------------------------------------

  void move(const locations& x) {
    if (x.points.empty()) return;
    heard();
    position = x.points.back();
    tell_matchmakers();
    share_position();
  }

  void share_position() {
    if (current.active.empty() || !position) return;
    auto now = shard->now();
    if (now - last_shared < shard->node->time->from_real(share_interval)) return;
    last_shared = now;
    for (const auto& delivery : current.active)
      send_to(shard->region, ref(delivery.order), carrier_moved{delivery.order, current.id, *position});
  }

  void tell_matchmakers() {
    offers.drop_expired(shard->now());
    if (current.shift == shift_status::offline || !position || is_silent()) return reach.leave(self, current.id);
    reach.tell(self, partner_seen{.partner = current.id,
                                  .at = position->at,
                                  .idle = current.active.empty() && !awarding,
                                  .free_slots = static_cast<std::uint8_t>(free_slot_count(current)),
                                  .open_offers = static_cast<std::uint8_t>(offers.size()),
                                  .shift_ends_at = current.shift_ends_at,
                                  // An owner of the shard has an epoch of its own, and its actors have ids.
                                  .incarnation = (shard->epoch << 32) + self->id()});
  }

  // -- The phone -----------------------------------------------------------------------------------------------------

  caf::result<reply> connect(const session_actor& to) {
    heard();
    if (handset.connect(self, watched, shard->region, to)) {
      offers.show_all(to);
      tell_matchmakers();
    }
    return reply{done{}};
  }

  void disconnect(const session_actor& from) {
    if (handset.disconnect(self, watched, from, shard->now())) set_next_timer();
  }

  void on_down(const caf::down_msg& x) {
    subscribers.remove(x.source);
    // A matchmaker that starts anew knows nobody; who stands still would stay unknown to it.
    if (reach.forget(x.source)) tell_matchmakers();
    if (handset.lose(x.source, shard->now())) set_next_timer();
  }

  caf::result<reply> add_subscriber(const subscribe& x) {
    if (auto refused = subscribers.add(self, shard->region, ref(current.id), x); refused != errc::none)
      return caf::make_error(refused);
    return reply{subscribed{current.version}};
  }

  // -- Silence -------------------------------------------------------------------------------------------------------

  void heard() {
    bool was_silent = is_silent();
    handset.heard(shard->now());
    if (!was_silent) return;
    tell_matchmakers();
    set_next_timer();
  }

  [[nodiscard]] bool is_silent() const { return handset.is_silent(shard->now()); }

  void set_next_timer() {
    std::optional<instant> due;
    auto no_later_than = [&due](instant at) { due = std::min(due.value_or(instant::max()), at); };
    if (!is_on_duty(current)) due = shard->now() + shard->node->time->from_real(idle_before_forgotten);
    if (is_on_duty(current) && !handset.session() && !is_silent()) due = handset.silent_at();
    if (auto ask_at = to_settle.due(current)) no_later_than(*ask_at);
    if (release_failed) no_later_than(shard->now() + shard->node->time->from_real(retry_interval));
    caf::anon_send(shard->shard, set_timer{ref(current.id), due});
  }

  void on_timer() {
    bool is_settled = to_settle.is_complete();
    settle();
    bool is_needed = is_on_duty(current) || handset.session() || !subscribers.empty() || !line.is_idle() || !is_settled;
    if (!is_needed) return caf::anon_send(shard->shard, may_forget{ref(current.id)});
    if (is_on_duty(current) && is_silent()) give_back();
    set_next_timer();
  }

  /// Fell silent: what is not picked up goes to somebody else.
  void give_back() {
    release_failed = false;
    reach.leave(self, current.id);
    offers.drop_all(withdrawal::offline, handset.session());
    for (const auto& delivery : current.active) {
      auto label = "silent" + std::to_string(handset.last_heard().micros);
      command_meta meta{{derive_uuid(delivery.order.value, label)}, {}, {}};
      order_request ask{meta, delivery.order, release_order{current.id, "the partner fell silent"}};
      self->request(
              shard->region, limits::request_deadline, envelope{ref(delivery.order), 0, 0, routed{std::move(ask)}})
          .then([](const reply&) {},
                [this](const caf::error& why) {
                  if (!may_be_repeated(to_errc(why))) return;  // it was picked up, or ended
                  release_failed = true;
                  set_next_timer();
                });
    }
  }

  partner_actor::pointer self;
  shard_context_ptr shard;
  partner current;
  zone_reach reach;
  std::optional<location> position;
  phone handset;
  offer_book offers;
  instant last_shared;
  bool awarding = false;        ///< an accept is with its orders
  bool release_failed = false;  ///< an order that fell to somebody else could not be told yet
  settlement to_settle;
  watched_actors watched;
  subscriber_list subscribers{watched};
  write_line line;
};

}  // namespace

partner_actor spawn_partner(caf::actor_system& system, shard_context_ptr shard, partner_id id,
                            std::optional<partner> known) {
  return system.spawn<partner_actor::stateful_impl<partner_state>>(std::move(shard), id, std::move(known));
}

}  // namespace dabba
