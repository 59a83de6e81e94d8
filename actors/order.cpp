#include "actors/order.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/domain/order_machine.hpp"
#include "actors/write_path.hpp"

namespace dabba {
namespace {

// How long a closed order that nobody asks for stays in memory (real time).
constexpr auto idle_before_forgotten = std::chrono::seconds{30};

order_columns columns_of(const order& x) {
  order_columns out{
      .status = x.status,
      .delivery = x.delivery,
      .customer = x.customer,
      .restaurant = x.restaurant,
      .partner = {},
      .zone = x.zone,
      .placed_at = x.placed_at,
      .ended_at = x.ended_at};
  if (x.carried_by) out.partner = x.carried_by->partner;
  return out;
}

bool holds_slot(const order& x) noexcept { return x.carried_by.has_value() && !is_terminal(x.status); }

/// The slots the events take or give back.
std::vector<assignment_change> assignment_changes(const order& before, const order& after) {
  std::vector<assignment_change> out;
  auto change = [&](assignment_change::kind what, const order& x) {
    out.push_back({what, x.id, x.carried_by->partner, x.carried_by->slot});
  };
  if (holds_slot(before) && !holds_slot(after)) change(assignment_change::kind::end, before);
  if (!holds_slot(before) && holds_slot(after)) change(assignment_change::kind::begin, after);
  return out;
}

/// The promotions the events use or give back.
std::vector<redemption_change> redemption_changes(const order& before, const order& after) {
  std::vector<redemption_change> out;
  auto used_by = [](const order& x, promotion_id which) {
    return uses_promotions(x) &&
           std::ranges::find(x.price.promotions, which, &applied_promotion::promotion) != x.price.promotions.end();
  };
  auto add = [&](redemption_change::kind what, const order& of, const order& other) {
    if (!uses_promotions(of)) return;
    for (const auto& p : of.price.promotions)
      if (!used_by(other, p.promotion))
        out.push_back({what, p.promotion, after.id, after.customer, p.is_counted, p.per_customer});
  };
  add(redemption_change::kind::release, before, after);
  add(redemption_change::kind::reserve, after, before);
  return out;
}

struct order_state {
  static inline const char* name = "dabba.order";

  order_state(order_actor::pointer self, shard_context_ptr shard, order_id id, std::optional<order> known)
      : self{self}, shard{std::move(shard)} {
    order blank;
    blank.id = id;
    current = known ? std::move(*known) : std::move(blank);
  }

  order_actor::behavior_type make_behavior() {
    self->set_down_handler([this](const caf::down_msg& x) { subscribers.remove(x.source); });
    if (current->version > 0) announce({});
    set_next_timer();
    return {
        [this](order_request& x) { return handle(std::move(x)); },
        [this](read_state) { return read(); },
        [this](read_location) { return locate(); },
        [this](const subscribe& x) { return add_subscriber(x); },
        [this](const unsubscribe& x) { subscribers.remove(self, shard->region, ref(current->id), x.who); },
        [this](const carrier_moved& x) { pass_on(x); },
        [this](timer_due x) { on_timer(x.due); },
        [this](stop) { end_in_line(self, line); },
    };
  }

  // -- Commands ------------------------------------------------------------------------------------------------------

  caf::result<reply> handle(order_request&& x) {
    auto promise = self->make_response_promise<reply>();
    bool in_line = line.run([this, promise, x = std::move(x)]() mutable { execute(x, promise); });
    if (!in_line) promise.deliver(caf::make_error(errc::overloaded));
    return promise;
  }

  void execute(const order_request& x, caf::typed_response_promise<reply>& promise) {
    if (is_remembered(current->recent, x.meta.command)) return promise.deliver(reply{*current});
    if (x.meta.expected_version.value_or(current->version) != current->version)
      return refuse(promise, errc::stale_version);
    auto now = shard->now();
    auto events = decide(*current, x.command, now, shard->node->orders);
    if (std::holds_alternative<deliver>(x.command)) events = count_pins(std::move(events), now);
    if (!events) return refuse(promise, events.error());
    if (events->empty()) return promise.deliver(reply{*current});
    auto next = *current;
    for (const auto& event : *events) apply(next, event, now);
    remember(next.recent, x.meta.command);
    write(x.meta, std::move(*events), std::move(next), now, promise);
  }

  void refuse(caf::typed_response_promise<reply>& promise, errc why) {
    promise.deliver(caf::make_error(why));
    if (current->version == 0) caf::anon_send(shard->shard, may_forget{ref(current->id)});  // never placed
  }

  using decision = tl::expected<std::vector<order_event>, errc>;

  /// Nobody gets to try all the PINs there are: after a few wrong ones, even the right one has to wait.
  decision count_pins(decision&& decided, instant now) {
    if (!decided && decided.error() != errc::wrong_pin) return decided;
    auto until = last_wrong_pin + shard->node->time->from_real(limits::pause_after_wrong_pins);
    if (wrong_pins >= limits::wrong_pins && now < until) return tl::unexpected{errc::too_many_attempts};
    if (decided) return decided;
    ++wrong_pins;
    last_wrong_pin = now;
    return decided;
  }

  void write(const command_meta& meta, std::vector<order_event>&& events, order&& next, instant now,
             caf::typed_response_promise<reply> promise) {
    auto deadline = next_deadline(next);
    auto row = begin_row(*shard, ref(current->id), current->version, meta, events, now);
    row.feed = next.restaurant.value;
    row.state = encode(next);
    row.open = !is_terminal(next.status);
    if (deadline) row.deadline = deadline->due;
    row.columns = columns_of(next);
    row.assignments = assignment_changes(*current, next);
    row.redemptions = redemption_changes(*current, next);
    row.answer = to_answer(meta, next);
    commit(
        self, *shard, line, std::move(row),
        [this, promise, now, events = std::move(events), next = std::move(next)](std::uint64_t position) mutable {
          committed(std::move(events), std::move(next), now, position, promise);
        },
        [this, promise](errc why) mutable {
          if (why == errc::none) return promise.deliver(reply{*current});
          refuse(promise, why);
        });
  }

  void committed(std::vector<order_event>&& events, order&& next, instant now, std::uint64_t position,
                 caf::typed_response_promise<reply>& promise) {
    auto before = std::exchange(current, std::move(next));
    if (before->carried_by != current->carried_by) last_location.reset();
    promise.deliver(reply{*current});
    std::vector<published> news;
    news.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
      news.push_back({ref(current->id), before->version + 1 + i, position + i, now, std::move(events[i])});
    for (const auto& one : news) subscribers.tell(shard->region, one);
    announce(std::move(news), &*before);
    set_next_timer();
  }

  // -- Telling others ------------------------------------------------------------------------------------------------

  /// After a commit, or (without news) after the order was loaded.
  void announce(std::vector<published> news, const order* before = nullptr) {
    order_changed change{current, std::move(news)};
    if (!change.events.empty()) send_to(shard->region, ref(current->restaurant), change);
    if (current->carried_by) send_to(shard->region, ref(current->carried_by->partner), change);
    if (before && before->carried_by && before->carried_by != current->carried_by)
      send_to(shard->region, ref(before->carried_by->partner), change);
    bool searched = before && is_searching(*before);
    if (is_searching(*current))
      tell_matchmaker();
    else if (searched)
      send_to(shard->region, matchmaker_ref(current->zone), end_search{current->id, carrier_of(*current)});
    // What comes after the end is not another end: the board counts these.
    if (before && is_terminal(before->status)) change.events.clear();
    send_to(shard->region, board_ref(current->zone), std::move(change));
  }

  static std::optional<partner_id> carrier_of(const order& x) {
    return holds_slot(x) ? std::optional{x.carried_by->partner} : std::nullopt;
  }

  void tell_matchmaker() {
    send_to(shard->region, matchmaker_ref(current->zone),
            find_partner{
                .order = current->id,
                .restaurant = current->restaurant,
                .restaurant_name = current->restaurant_name,
                .pickup = current->pickup,
                .dropoff = current->dropoff.at,
                .address_line = current->dropoff.line,
                .started_at = current->accepted_at.value_or(current->placed_at),
                .ready_by = current->ready_at.value_or(current->ready_by.value_or(shard->now())),
                .search_until = current->search_until.value_or(instant::max()),
                .pay = shard->node->dispatch.pay,
                .pay_currency = current->money,
                .not_to = current->gave_back});
  }

  void pass_on(const carrier_moved& x) {
    if (!current->carried_by || current->carried_by->partner != x.partner) return;
    last_location = x.where;
    subscribers.tell(shard->region, x);
  }

  // -- Time ----------------------------------------------------------------------------------------------------------

  void set_next_timer() {
    std::optional<instant> due;
    if (auto deadline = next_deadline(*current)) due = deadline->due;
    if (is_searching(*current) || holds_slot(*current))
      due =
          std::min(due.value_or(instant::max()), shard->now() + shard->node->time->from_real(limits::remind_interval));
    if (is_terminal(current->status)) due = shard->now() + shard->node->time->from_real(idle_before_forgotten);
    // One that comes early does no harm to an open order: it sets the next.
    if (!is_terminal(current->status) && (due ? timer_at && *timer_at <= *due : !timer_at)) return;
    timer_at = due;
    caf::anon_send(shard->shard, set_timer{ref(current->id), due});
  }

  void on_timer(instant due) {
    timer_at.reset();
    auto deadline = next_deadline(*current);
    if (deadline && deadline->due <= due) return fire(*deadline);
    if (is_searching(*current)) tell_matchmaker();
    if (holds_slot(*current)) send_to(shard->region, ref(current->carried_by->partner), order_changed{current, {}});
    if (is_terminal(current->status) && subscribers.empty() && line.is_idle())
      return caf::anon_send(shard->shard, may_forget{ref(current->id)});
    set_next_timer();
  }

  /// The command's id is the deadline's own, so that however often nodes die it takes effect once.
  void fire(const pending_deadline& deadline) {
    auto label = std::string{dabba::name(deadline.which)} + std::to_string(deadline.due.micros);
    order_request command{
        {{derive_uuid(current->id.value, label)}, {}, {}}, current->id, deadline_passed{deadline.which, deadline.due}};
    self->request(order_actor{self}, limits::request_deadline, std::move(command))
        .then([this](const reply&) { set_next_timer(); },
              [this](const caf::error&) { set_next_timer(); });  // the store is away: the timer tries again
  }

  // -- Questions -----------------------------------------------------------------------------------------------------

  caf::result<reply> read() const {
    if (current->version == 0) return caf::make_error(errc::order_not_found);
    return reply{*current};
  }

  caf::result<reply> locate() const {
    if (current->version == 0) return caf::make_error(errc::order_not_found);
    if (!current->carried_by || !last_location) return caf::make_error(errc::no_location);
    return reply{located_partner{current->carried_by->partner, *last_location, shard->now()}};
  }

  caf::result<reply> add_subscriber(const subscribe& x) {
    if (current->version == 0) return caf::make_error(errc::order_not_found);
    if (auto refused = subscribers.add(self, shard->region, ref(current->id), x); refused != errc::none)
      return caf::make_error(refused);
    return reply{subscribed{current->version}};
  }

  order_actor::pointer self;
  shard_context_ptr shard;
  snapshot<order> current;
  std::optional<instant> timer_at;  ///< that the shard was told
  std::optional<location> last_location;
  std::size_t wrong_pins = 0;  ///< since the order was loaded
  instant last_wrong_pin;
  watched_actors watched;
  subscriber_list subscribers{watched};
  write_line line;
};

}  // namespace

order_actor spawn_order(caf::actor_system& system, shard_context_ptr shard, order_id id, std::optional<order> known) {
  return system.spawn<order_actor::stateful_impl<order_state>>(std::move(shard), id, std::move(known));
}

}  // namespace dabba
