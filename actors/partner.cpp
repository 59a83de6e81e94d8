#include "actors/partner.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <unordered_map>

#include "actors/award.hpp"
#include "actors/domain/order_machine.hpp"
#include "actors/domain/partner_machine.hpp"
#include "actors/reach.hpp"
#include "actors/write_path.hpp"

namespace dabba {
namespace {

// How often the customers of a carried order are told where it is, at most (real time).
constexpr auto share_interval = std::chrono::milliseconds{250};
constexpr auto idle_before_forgotten = std::chrono::minutes{10};  // real time

struct partner_state {
  static inline const char* name = "dabba.partner";

  partner_state(partner_actor::pointer self, shard_context_ptr shard, partner_id id, std::optional<partner> known)
      : self{self}, shard{std::move(shard)}, reach{this->shard->region, this->shard->node->dispatch.last_radius} {
    if (known) current = std::move(*known);
    current.id = id;
    last_heard = this->shard->now();
  }

  partner_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { on_down(x); });
    set_next_timer();
    return {
        [this](partner_request& x) { return handle(std::move(x)); },
        [this](read_state) { return caf::result<reply>{reply{current}}; },
        [this](read_offers) { return list_offers(); },
        [this](make_offer& x) { return hold(std::move(x)); },
        [this](const withdraw_offer& x) { drop(x); },
        [this](const subscribe& x) { return add_subscriber(x.who); },
        [this](const unsubscribe& x) { subscribers.remove(self, x.who); },
        [this](const attach& x) { return connect(x.phone); },
        [this](const detach& x) { disconnect(x.phone); },
        [this](const locations& x) { move(x); },
        [this](const order_changed& x) { follow(x.now); },
        [this](timer_due) { on_timer(); },
        [this](stop) { self->quit(); },
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
    if (x.at) position = location{.at = *x.at, .measured_at = shard->now(), .accuracy_m = {}, .heading_deg = {},
                                  .speed_mps = {}};
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
      if (why != errc::none) return promise.deliver(caf::make_error(told_to_caller(why)));
      if (current.shift == shift_status::offline) drop_all(withdrawal::offline);
      tell_matchmakers();
      promise.deliver(reply{current});
    });
  }

  void execute(const command_meta&, const decline_offer& x, answer& promise) {
    auto held = offers.find(x.offer);
    if (held == offers.end()) return promise.deliver(caf::make_error(errc::offer_no_longer_available));
    answer_matchmaker(held->second, offer_outcome::declined);
    offers.erase(held);
    tell_matchmakers();
    promise.deliver(reply{awarded_job{x.offer, {}}});
  }

  /// Reserves slots, asks every order of the job, and writes down what was won. The winner is told after the commit.
  void execute(const command_meta& meta, const accept_offer& x, answer& promise) {
    if (auto won = deliveries_of(x.offer); !won.empty()) return promise.deliver(reply{awarded_job{x.offer, won}});
    auto held = offers.find(x.offer);
    if (held == offers.end() || held->second.expires_at <= shard->now() || current.shift == shift_status::offline)
      return promise.deliver(caf::make_error(errc::offer_no_longer_available));
    auto accepted = held->second;
    offers.erase(held);
    auto slots = free_slots(current, accepted.offered.stops.size());
    if (!slots) {
      answer_matchmaker(accepted, offer_outcome::refused);
      return promise.deliver(caf::make_error(slots.error()));
    }
    line.begin();
    request_award(self, shard->region, meta.command, current.id, accepted, *slots,
                  [this, meta, promise, accepted](std::vector<active_delivery>&& won, errc refused) mutable {
                    awarded(meta, accepted, std::move(won), refused, promise);
                  });
  }

  void awarded(const command_meta& meta, const offer& accepted, std::vector<active_delivery>&& won, errc refused,
               answer& promise) {
    if (won.empty()) {
      answer_matchmaker(accepted, offer_outcome::refused);
      tell_matchmakers();
      promise.deliver(caf::make_error(refused));
      return line.end();
    }
    std::vector<partner_event> events;
    for (const auto& delivery : won)
      if (!find_delivery(current, delivery.order)) events.push_back(partner_delivery_assigned{delivery});
    if (!accepted.offered.follows_current) drop_all(withdrawal::busy);
    // From here the award stands in the orders' journal; should this write fail, the orders tell again (follow).
    reply told{awarded_job{accepted.id, std::move(won)}};
    write(meta, std::move(events), told, [this, promise, told](errc why) mutable {
      tell_matchmakers();
      if (why != errc::none) return promise.deliver(caf::make_error(told_to_caller(why)));
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
    remember(next.recent, meta.command, next.version);
    auto now = shard->now();
    append row{.shard = shard->id,
               .epoch = shard->epoch,
               .entity = ref(current.id),
               .first_seq = current.version + 1,
               .command = meta.command,
               .events = to_records(events),
               .at = now,
               .feed = {},
               .state = encode(next),
               .open = next.shift == shift_status::online || !next.active.empty(),
               .deadline = {},
               .columns = partner_columns{next.shift},
               .assignments = {},
               .answer = to_answer(meta, told.value_or(reply{next}))};
    line.begin();
    self->request(shard->node->journal_of(shard->id), limits::request_deadline, std::move(row))
        .then(
            [this, done, now, events = std::move(events), next = std::move(next)](appended where) mutable {
              auto seq = current.version;
              current = std::move(next);
              for (auto& event : events)
                subscribers.tell(published{ref(current.id), ++seq, where.first_position++, now, std::move(event)});
              set_next_timer();
              done(errc::none);
              line.end();
            },
            [this, done](const caf::error& error) mutable {
              auto why = to_errc(error);
              done(why);
              if (must_reload(why)) return self->quit(caf::make_error(why));
              line.end();
            });
  }

  // -- Offers --------------------------------------------------------------------------------------------------------

  caf::result<reply> hold(make_offer&& x) {
    if (current.shift == shift_status::offline || is_silent()) return caf::make_error(errc::partner_offline);
    bool busy = !current.active.empty() && !x.what.offered.follows_current;
    bool full = offers.size() >= limits::open_offers_per_partner ||
                free_slot_count(current) < x.what.offered.stops.size();
    if (busy || full) return caf::make_error(errc::partner_at_capacity);
    if (phone) caf::anon_send(phone, x);
    offers[x.what.id] = std::move(x.what);
    tell_matchmakers();
    return reply{done{}};
  }

  void drop(const withdraw_offer& x) {
    if (offers.erase(x.what) == 0) return;
    if (phone) caf::anon_send(phone, x);
    tell_matchmakers();
  }

  void drop_all(withdrawal why) {
    for (const auto& [id, held] : offers) {
      if (phone) caf::anon_send(phone, withdraw_offer{id, why});
      answer_matchmaker(held, offer_outcome::withdrawn);
    }
    offers.clear();
  }

  void answer_matchmaker(const offer& about, offer_outcome outcome) {
    send_to(shard->region, matchmaker_ref(about.zone), offer_answered{about.id, current.id, outcome});
  }

  caf::result<reply> list_offers() {
    heard();
    open_offers out;
    auto now = shard->now();
    for (const auto& [id, held] : offers)
      if (held.expires_at > now) out.offers.push_back(held);
    return reply{std::move(out)};
  }

  [[nodiscard]] std::vector<active_delivery> deliveries_of(offer_id offer) const {
    std::vector<active_delivery> out;
    std::ranges::copy_if(current.active, std::back_inserter(out), [&](const auto& d) { return d.offer == offer; });
    return out;
  }

  // -- Deliveries ----------------------------------------------------------------------------------------------------

  /// An order this partner carries, or carried, or was given while its own write failed: brings the two in step.
  void follow(const order& x) {
    bool ours = x.carried_by && x.carried_by->partner == current.id && !is_terminal(x.status);
    bool known = find_delivery(current, x.id) != nullptr;
    if (ours == known) return;
    bool in_line = line.run([this, x] { bring_in_step(x); });
    // The order reminds us with its next event, and when its shard starts.
    (void)in_line;
  }

  void bring_in_step(const order& x) {
    bool ours = x.carried_by && x.carried_by->partner == current.id && !is_terminal(x.status);
    bool known = find_delivery(current, x.id) != nullptr;
    if (ours == known) return;
    auto label = (ours ? "assigned" : "ended") + std::to_string(x.version);
    command_meta meta{{derive_uuid(x.id.value, label)}, {}, {}};
    std::vector<partner_event> events;
    if (ours)
      events.push_back(partner_delivery_assigned{to_delivery(x)});
    else
      events.push_back(partner_delivery_ended{x.id, outcome_for(x)});
    write(meta, std::move(events), {}, [this](errc) { tell_matchmakers(); });
  }

  static std::string outcome_for(const order& x) {
    return is_terminal(x.status) ? to_string(x.status) : std::string{"RELEASED"};
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
    if (current.active.empty()) return;
    auto now = shard->now();
    if (now - last_shared < shard->node->time->from_real(share_interval)) return;
    last_shared = now;
    for (const auto& delivery : current.active)
      send_to(shard->region, ref(delivery.order), carrier_moved{delivery.order, current.id, *position});
  }

  void tell_matchmakers() {
    if (current.shift == shift_status::offline || !position || is_silent()) return reach.leave(current.id);
    reach.tell(self, partner_seen{.partner = current.id,
                                  .at = position->at,
                                  .idle = current.active.empty() && !line.is_writing(),
                                  .free_slots = static_cast<std::uint8_t>(free_slot_count(current)),
                                  .open_offers = static_cast<std::uint8_t>(offers.size()),
                                  .shift_ends_at = current.shift_ends_at});
  }

  // -- The phone -----------------------------------------------------------------------------------------------------

  caf::result<reply> connect(const session_actor& to) {
    heard();
    if (phone == to) return reply{done{}};
    if (phone) {
      self->demonitor(phone);
      caf::anon_send(phone, replaced{});
    }
    phone = to;
    self->monitor(phone);
    for (const auto& [id, held] : offers) caf::anon_send(phone, make_offer{held});
    tell_matchmakers();
    return reply{done{}};
  }

  void disconnect(const session_actor& from) {
    if (phone != from) return;
    self->demonitor(phone);
    phone = nullptr;
    last_heard = shard->now();
    set_next_timer();
  }

  void on_down(const caf::down_msg& x) {
    subscribers.remove(x.source);
    reach.forget(x.source);
    if (!phone || phone.address() != x.source) return;
    phone = nullptr;
    last_heard = shard->now();
    set_next_timer();
  }

  caf::result<reply> add_subscriber(const session_actor& who) {
    if (auto refused = subscribers.add(self, who); refused != errc::none) return caf::make_error(refused);
    return reply{subscribed{current.version}};
  }

  // -- Silence -------------------------------------------------------------------------------------------------------

  void heard() {
    bool was_silent = is_silent();
    last_heard = shard->now();
    if (was_silent) tell_matchmakers();
  }

  [[nodiscard]] instant silent_at() const {
    return last_heard + shard->node->time->from_real(shard->node->dispatch.silence_real);
  }

  /// A connected phone is heard of by its socket's pings.
  [[nodiscard]] bool is_silent() const { return !phone && silent_at() <= shard->now(); }

  void set_next_timer() {
    std::optional<instant> due;
    bool on_duty = current.shift == shift_status::online || !current.active.empty();
    if (on_duty && !phone) due = silent_at();
    if (!on_duty) due = shard->now() + shard->node->time->from_real(idle_before_forgotten);
    caf::anon_send(shard->shard, set_timer{ref(current.id), due});
  }

  void on_timer() {
    bool on_duty = current.shift == shift_status::online || !current.active.empty();
    if (!on_duty && !phone && subscribers.empty() && line.is_idle())
      return caf::anon_send(shard->shard, may_forget{ref(current.id)});
    if (on_duty && is_silent()) give_back();
    else set_next_timer();
  }

  /// Fell silent: what is not picked up goes to somebody else.
  void give_back() {
    reach.leave(current.id);
    drop_all(withdrawal::offline);
    for (const auto& delivery : current.active) {
      auto label = "silent" + std::to_string(last_heard.micros);
      command_meta meta{{derive_uuid(delivery.order.value, label)}, {}, {}};
      send_to(shard->region, ref(delivery.order),
              order_request{meta, delivery.order, release_order{current.id, "the partner fell silent"}});
    }
  }

  partner_actor::pointer self;
  shard_context_ptr shard;
  partner current;
  zone_reach reach;
  std::optional<location> position;
  session_actor phone;
  std::unordered_map<offer_id, offer> offers;
  instant last_heard;
  instant last_shared;
  subscriber_list subscribers;
  write_line line;
};

}  // namespace

partner_actor spawn_partner(caf::actor_system& system, shard_context_ptr shard, partner_id id,
                            std::optional<partner> known) {
  return system.spawn<partner_actor::stateful_impl<partner_state>>(std::move(shard), id, std::move(known));
}

}  // namespace dabba
