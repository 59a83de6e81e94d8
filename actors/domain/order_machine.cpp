#include "actors/domain/order_machine.hpp"

#include <algorithm>
#include <array>

#include "actors/domain/eta.hpp"
#include "actors/domain/pricing/pricing.hpp"
#include "actors/domain/pricing/shares.hpp"
#include "protocols/model/limits.hpp"
#include "protocols/model/order_privacy.hpp"

namespace dabba {
namespace {

using events = std::vector<order_event>;
using decision = tl::expected<events, errc>;

// One row for each status, the first for an order not placed yet; one column for each command, in the order of
// `order_command`. `x` is let through.
//
//  place pay  payX acc  rej  mod  start stage ready assign arrive pick deliver fail release cancel deadline forget
constexpr std::size_t command_count = std::variant_size_v<order_command>;
constexpr std::size_t status_count = enum_names<order_status>.size();
constexpr std::array<std::string_view, status_count + 1> listed{
    "x . . . . . . . . . . . . . . . . .",  // not placed
    ". x x . . . . . . . . . . . . x x .",  // PAYMENT_PENDING
    ". . . x x x . . . . . . . . . x x .",  // PENDING_RESTAURANT_ACCEPTANCE
    ". . . . . . x . x x x . . . x x x .",  // ACCEPTED
    ". . . . . . . x x x x . . . x x x .",  // IN_PREPARATION
    ". . . . . . . . . x x x . . x x x .",  // READY_FOR_PICKUP
    ". . . . . . . . . . x . x x . x x .",  // OUT_FOR_DELIVERY
    ". . . . . . . . . . . . . . . . x x",  // DELIVERED
    ". . . . . . . . . . . . . . . . x x",  // PAYMENT_FAILED
    ". . . . . . . . . . . . . . . . x x",  // REJECTED
    ". . . . . . . . . . . . . . . . x x",  // CANCELLED
    ". . . . . . . . . . . . . . . . x x",  // UNDELIVERABLE
};
static_assert(std::ranges::all_of(listed, [](auto row) { return row.size() == 2 * command_count - 1; }));

bool customer_may_cancel(order_status s) noexcept {
  return s == order_status::payment_pending || s == order_status::pending_restaurant_acceptance ||
         s == order_status::accepted;
}

std::vector<minor_units> gross_prices(const std::vector<order_line>& lines) {
  std::vector<minor_units> gross;
  for (const auto& line : lines) gross.push_back(line.price());
  return gross;
}

/// The details that came with the lines; none when they say no more than the lines do, as most orders would be twice as
/// long otherwise. Nothing when they are not of these lines.
std::optional<price_details> details_of(const price_details& given, const std::vector<minor_units>& gross,
                                        minor_units delivery_fee) {
  if (given == price_details{} || given == plain_details(gross)) return price_details{};
  if (is_sound(given, gross, delivery_fee)) return given;
  return std::nullopt;
}

errc carrier_problem(const order& state, partner_id partner) noexcept {
  if (!state.carried_by) return errc::illegal_transition;
  return state.carried_by->partner == partner ? errc::none : errc::not_found;
}

/// Decides one command the table let through.
struct decider {
  const order& state;
  instant now;
  const order_terms& terms;

  decision refuse(errc why) const { return tl::unexpected{why}; }

  duration patience_of(const kitchen_terms& x) const {
    return x.accept_minutes > 0 ? std::chrono::minutes{x.accept_minutes} : terms.accept_patience;
  }
  std::int32_t preparation_minutes_of(const kitchen_terms& x) const {
    return x.preparation_minutes > 0 ? x.preparation_minutes : terms.preparation_minutes;
  }

  decision operator()(const place_order& c) const {
    bool cash = c.payment == payment_method::cash_on_delivery;
    auto gross = gross_prices(c.lines);
    auto details = details_of(c.price, gross, c.delivery_fee);
    if (!details) return refuse(errc::invalid_argument);
    auto subtotal = sum(gross);
    order_placed e{
        .customer = c.customer,
        .restaurant = c.restaurant,
        .restaurant_name = c.restaurant_name,
        .pickup = c.pickup,
        .dropoff = c.dropoff,
        .lines = c.lines,
        .note = c.note,
        .payment = c.payment,
        .money = c.money,
        .subtotal = subtotal,
        .delivery_fee = c.delivery_fee,
        .tip = c.tip,
        .total = total_of(subtotal, c.delivery_fee, c.tip, *details),
        .price = *details,
        .pin = c.pin,
        .zone = c.zone,
        .pay_by = {},
        .accept_by = now + patience_of(c.kitchen),
        .estimated_delivery_at = {},
        .kitchen = c.kitchen};
    if (!cash) e.pay_by = now + terms.payment_patience;
    auto ready = now + std::chrono::minutes{preparation_minutes_of(c.kitchen)};
    e.estimated_delivery_at = estimate_delivery(ready, c.pickup, c.dropoff.at, terms);
    return events{std::move(e)};
  }

  decision operator()(const payment_succeeded&) const { return events{order_paid{now + patience_of(state.kitchen)}}; }

  decision operator()(const payment_failed& c) const { return events{order_payment_failed{c.reason}}; }

  decision operator()(const accept_order& c) const {
    auto ready_by = now + std::chrono::minutes{c.preparation_minutes};
    return events{order_accepted{c.preparation_minutes, ready_by,
                                 estimate_delivery(ready_by, state.pickup, state.dropoff.at, terms)},
                  order_search_started{ready_by + terms.search_patience}};
  }

  decision operator()(const reject_order& c) const {
    return events{order_rejected{{party::restaurant, c.reason, party::restaurant}}};
  }

  decision operator()(const modify_order& c) const {
    auto gross = gross_prices(c.lines);
    auto details = details_of(c.price, gross, state.delivery_fee);
    if (!details) return refuse(errc::invalid_argument);
    auto subtotal = sum(gross);
    auto total = total_of(subtotal, state.delivery_fee, state.tip, *details);
    return events{order_modified{c.lines, c.dropoff, c.note, subtotal, total, std::move(*details)}};
  }

  decision operator()(const start_preparing& c) const { return events{order_preparation_started{c.stage}}; }

  decision operator()(const change_stage& c) const { return events{order_stage_changed{c.stage}}; }

  decision operator()(const mark_ready&) const { return events{order_ready{}}; }

  decision operator()(const assign_partner& c) const {
    if (state.delivery != delivery_status::searching) return refuse(errc::offer_no_longer_available);
    return events{order_partner_assigned{c.by}};
  }

  decision operator()(const partner_arrived& c) const {
    if (auto problem = carrier_problem(state, c.partner); problem != errc::none) return refuse(problem);
    if (state.delivery == delivery_status::assigned) return events{order_partner_at_restaurant{c.partner}};
    if (state.delivery == delivery_status::picked_up) return events{order_partner_at_customer{c.partner}};
    return refuse(errc::illegal_transition);
  }

  decision operator()(const pick_up& c) const {
    if (auto problem = carrier_problem(state, c.partner); problem != errc::none) return refuse(problem);
    return events{order_picked_up{c.partner, estimate_delivery(now, state.pickup, state.dropoff.at, terms)}};
  }

  decision operator()(const deliver& c) const {
    if (auto problem = carrier_problem(state, c.partner); problem != errc::none) return refuse(problem);
    if (c.pin != state.pin) return refuse(errc::wrong_pin);
    return events{order_delivered{c.partner}};
  }

  decision operator()(const fail_delivery& c) const {
    if (auto problem = carrier_problem(state, c.partner); problem != errc::none) return refuse(problem);
    return events{order_delivery_failed{{party::partner, c.reason, party::platform}}};
  }

  decision operator()(const release_order& c) const {
    if (auto problem = carrier_problem(state, c.partner); problem != errc::none) return refuse(problem);
    auto ready = std::max(now, state.ready_by.value_or(now));
    return events{order_partner_released{c.partner, c.reason}, order_search_started{ready + terms.search_patience}};
  }

  decision operator()(const cancel_order& c) const {
    if (c.how.by != party::support && !customer_may_cancel(state.status)) return refuse(errc::illegal_transition);
    return events{order_cancelled{c.how}};
  }

  decision operator()(const deadline_passed& c) const {
    auto current = next_deadline(state);
    bool is_ours = current && current->which == c.which && current->due == c.due && c.due <= now;
    if (!is_ours) return events{};
    switch (c.which) {
      case order_deadline::payment: return events{order_payment_failed{"not paid in time"}};
      case order_deadline::acceptance:
        return events{order_rejected{{party::platform, "the restaurant did not answer in time", party::restaurant}}};
      case order_deadline::self_acceptance:
        if (now >= state.accept_by)
          return events{order_rejected{{party::platform, "the platform was away for too long", party::platform}}};
        return (*this)(accept_order{preparation_minutes_of(state.kitchen)});
      case order_deadline::search:
        return events{order_cancelled{{party::platform, "nobody could deliver it in time", party::platform}}};
    }
    return refuse(errc::internal);
  }

  decision operator()(const forget_order_customer&) const {
    auto forgotten = state;
    forget_customer(forgotten);
    if (forgotten == state) return events{};
    return events{order_customer_forgotten{}};
  }
};

/// Folds one event.
struct folder {
  order& state;
  instant at;

  void end(order_status status, ending how) const {
    state.status = status;
    state.ended = std::move(how);
    state.ended_at = at;
    if (state.delivery != delivery_status::not_started) state.delivery = delivery_status::failed;
  }

  void operator()(const order_placed& e) const {
    bool cash = e.payment == payment_method::cash_on_delivery;
    state.status = cash ? order_status::pending_restaurant_acceptance : order_status::payment_pending;
    state.customer = e.customer;
    state.restaurant = e.restaurant;
    state.restaurant_name = e.restaurant_name;
    state.pickup = e.pickup;
    state.dropoff = e.dropoff;
    state.lines = e.lines;
    state.note = e.note;
    state.payment = e.payment;
    state.money = e.money;
    state.subtotal = e.subtotal;
    state.delivery_fee = e.delivery_fee;
    state.tip = e.tip;
    state.total = e.total;
    state.price = e.price;
    state.pin = e.pin;
    state.zone = e.zone;
    state.kitchen = e.kitchen;
    state.placed_at = at;
    state.pay_by = e.pay_by;
    state.accept_by = e.accept_by;
    state.estimated_delivery_at = e.estimated_delivery_at;
  }
  void operator()(const order_paid& e) const {
    state.status = order_status::pending_restaurant_acceptance;
    state.accept_by = e.accept_by;
  }
  void operator()(const order_payment_failed& e) const {
    end(order_status::payment_failed, {party::customer, e.reason, party::customer});
  }
  void operator()(const order_modified& e) const {
    state.lines = e.lines;
    state.dropoff = e.dropoff;
    state.note = e.note;
    state.subtotal = e.subtotal;
    state.total = e.total;
    state.price = e.price;
  }
  void operator()(const order_accepted& e) const {
    state.status = order_status::accepted;
    state.accepted_at = at;
    state.preparation_minutes = e.preparation_minutes;
    state.ready_by = e.ready_by;
    state.estimated_delivery_at = e.estimated_delivery_at;
  }
  void operator()(const order_rejected& e) const { end(order_status::rejected, e.how); }
  void operator()(const order_search_started& e) const {
    state.delivery = delivery_status::searching;
    state.search_until = e.search_until;
  }
  void operator()(const order_preparation_started& e) const {
    state.status = order_status::in_preparation;
    state.stage = e.stage;
  }
  void operator()(const order_stage_changed& e) const { state.stage = e.stage; }
  void operator()(const order_ready&) const {
    state.status = order_status::ready_for_pickup;
    state.ready_at = at;
  }
  void operator()(const order_partner_assigned& e) const {
    state.delivery = delivery_status::assigned;
    state.carried_by = e.by;
    state.assigned_at = at;
    state.search_until.reset();
  }
  void operator()(const order_partner_at_restaurant&) const { state.delivery = delivery_status::at_restaurant; }
  void operator()(const order_picked_up& e) const {
    state.status = order_status::out_for_delivery;
    state.delivery = delivery_status::picked_up;
    state.picked_up_at = at;
    state.estimated_delivery_at = e.estimated_delivery_at;
  }
  void operator()(const order_partner_at_customer&) const { state.delivery = delivery_status::at_customer; }
  void operator()(const order_delivered&) const {
    state.status = order_status::delivered;
    state.delivery = delivery_status::delivered;
    state.ended_at = at;
  }
  void operator()(const order_partner_released& e) const {
    state.carried_by.reset();
    state.assigned_at.reset();
    if (std::ranges::find(state.gave_back, e.partner) == state.gave_back.end()) state.gave_back.push_back(e.partner);
  }
  void operator()(const order_delivery_failed& e) const { end(order_status::undeliverable, e.how); }
  void operator()(const order_cancelled& e) const { end(order_status::cancelled, e.how); }
  void operator()(const order_customer_forgotten&) const { forget_customer(state); }
};

}  // namespace

bool is_listed(bool placed, order_status status, const order_command& command) noexcept {
  auto row = placed ? static_cast<std::size_t>(status) + 1 : 0;
  return listed[row][2 * command.index()] == 'x';
}

decision decide(const order& state, const order_command& command, instant now, const order_terms& terms) {
  bool placed = state.version > 0;
  if (!is_listed(placed, state.status, command)) {
    if (!placed) return tl::unexpected{errc::order_not_found};
    // Who accepts an offer of an order that has moved on is told what every loser of the race is told.
    bool lost_race = std::holds_alternative<assign_partner>(command);
    return tl::unexpected{lost_race ? errc::offer_no_longer_available : errc::illegal_transition};
  }
  return std::visit(decider{state, now, terms}, command);
}

void apply(order& state, const order_event& event, instant at) {
  std::visit(folder{state, at}, event);
  ++state.version;
}

std::optional<pending_deadline> next_deadline(const order& state) noexcept {
  if (state.version == 0) return std::nullopt;
  if (state.status == order_status::payment_pending && state.pay_by)
    return pending_deadline{order_deadline::payment, *state.pay_by};
  if (state.status == order_status::pending_restaurant_acceptance) {
    if (state.kitchen.accepts_itself) return pending_deadline{order_deadline::self_acceptance, state.placed_at};
    return pending_deadline{order_deadline::acceptance, state.accept_by};
  }
  if (is_searching(state) && state.search_until) return pending_deadline{order_deadline::search, *state.search_until};
  return std::nullopt;
}

bool is_searching(const order& state) noexcept {
  return state.delivery == delivery_status::searching && !is_terminal(state.status);
}

bool uses_promotions(const order& state) noexcept {
  if (state.version == 0) return false;
  if (!is_terminal(state.status) || state.status == order_status::delivered) return true;
  bool is_at_fault = state.ended && state.ended->liable == party::customer;
  return is_at_fault && state.accepted_at.has_value();
}

void remember(std::vector<command_id>& recent, command_id id) {
  if (recent.size() == limits::remembered_commands) recent.erase(recent.begin());
  recent.push_back(id);
}

bool is_remembered(const std::vector<command_id>& recent, command_id id) noexcept {
  return std::ranges::find(recent, id) != recent.end();
}

}  // namespace dabba
