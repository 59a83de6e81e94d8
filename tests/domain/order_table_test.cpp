/// Walks every (status, delivery, command) triple against a table written from docs/architecture.md, not from the code.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <set>

#include "tests/domain/order_script.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

using os = order_status;
using ds = delivery_status;
using state_pair = std::pair<os, ds>;

const partner_id carrier_itself = nth<partner_id>(the_carrier);
const partner_id another_partner = nth<partner_id>(somebody_else);

/// Each kind of command, and each way it can be given that makes a difference.
struct given {
  const char* what;
  order_command command;
};

std::vector<given> all_commands(const order& x) {
  ending by_customer{party::customer, "changed my mind", party::customer};
  ending by_support{party::support, "duplicate", party::platform};
  return {
      {"place", place()},
      {"payment succeeded", payment_succeeded{}},
      {"payment failed", payment_failed{"declined"}},
      {"accept", accept_order{12}},
      {"reject", reject_order{"out of batter"}},
      {"modify", modify_order{{line(3, 1, 80'00)}, {"8, Church Street", kitchen}, "no onions"}},
      {"start", start_preparing{"PREP"}},
      {"stage", change_stage{"BAKING"}},
      {"ready", mark_ready{}},
      {"assign", assign_partner{carried_by(somebody_else)}},
      {"arrived", partner_arrived{carrier_itself}},
      {"arrived, somebody else", partner_arrived{another_partner}},
      {"pick up", pick_up{carrier_itself}},
      {"pick up, somebody else", pick_up{another_partner}},
      {"deliver", deliver{carrier_itself, "4711"}},
      {"deliver, wrong pin", deliver{carrier_itself, "0000"}},
      {"deliver, no pin", deliver{carrier_itself, ""}},
      {"deliver, somebody else", deliver{another_partner, "4711"}},
      {"fail", fail_delivery{carrier_itself, "nobody at home"}},
      {"fail, somebody else", fail_delivery{another_partner, "nobody at home"}},
      {"release", release_order{carrier_itself, "flat tyre"}},
      {"release, somebody else", release_order{another_partner, "flat tyre"}},
      {"cancel, customer", cancel_order{by_customer}},
      {"cancel, support", cancel_order{by_support}},
      {"deadline, payment", deadline_passed{order_deadline::payment, x.pay_by.value_or(noon)}},
      {"deadline, acceptance", deadline_passed{order_deadline::acceptance, x.accept_by}},
      {"deadline, search", deadline_passed{order_deadline::search, x.search_until.value_or(noon)}},
      {"forget", forget_order_customer{}}};
}

struct outcome {
  std::vector<std::string_view> events;
  state_pair then;
  friend bool operator==(const outcome&, const outcome&) = default;
};

const std::vector<state_pair> reachable{
    {os::payment_pending, ds::not_started},
    {os::pending_restaurant_acceptance, ds::not_started},
    {os::accepted, ds::searching},
    {os::accepted, ds::assigned},
    {os::accepted, ds::at_restaurant},
    {os::in_preparation, ds::searching},
    {os::in_preparation, ds::assigned},
    {os::in_preparation, ds::at_restaurant},
    {os::ready_for_pickup, ds::searching},
    {os::ready_for_pickup, ds::assigned},
    {os::ready_for_pickup, ds::at_restaurant},
    {os::out_for_delivery, ds::picked_up},
    {os::out_for_delivery, ds::at_customer},
    {os::delivered, ds::delivered},
    {os::payment_failed, ds::not_started},
    {os::rejected, ds::not_started},
    {os::cancelled, ds::not_started},
    {os::cancelled, ds::failed},
    {os::undeliverable, ds::failed},
};

/// Everything that is allowed; whatever is not here is refused.
std::map<std::string, outcome> allowed(state_pair at) {
  auto [status, delivery] = at;
  std::map<std::string, outcome> out;
  auto let = [&](const char* what, std::vector<std::string_view> events, os then, ds with) {
    out[what] = {std::move(events), {then, with}};
  };
  bool kitchen_has_it = status == os::accepted || status == os::in_preparation || status == os::ready_for_pickup;
  bool is_open = kitchen_has_it || status == os::payment_pending || status == os::pending_restaurant_acceptance ||
                 status == os::out_for_delivery;
  if (status == os::payment_pending) {
    let("payment succeeded", {"order.paid"}, os::pending_restaurant_acceptance, delivery);
    let("payment failed", {"order.payment_failed"}, os::payment_failed, delivery);
    let("deadline, payment", {"order.payment_failed"}, os::payment_failed, delivery);
  }
  if (status == os::pending_restaurant_acceptance) {
    let("accept", {"order.accepted", "order.search_started"}, os::accepted, ds::searching);
    let("reject", {"order.rejected"}, os::rejected, delivery);
    let("deadline, acceptance", {"order.rejected"}, os::rejected, delivery);
    let("modify", {"order.modified"}, status, delivery);
  }
  if (status == os::accepted) let("start", {"order.preparation_started"}, os::in_preparation, delivery);
  if (status == os::in_preparation) let("stage", {"order.stage_changed"}, status, delivery);
  if (status == os::accepted || status == os::in_preparation)
    let("ready", {"order.ready"}, os::ready_for_pickup, delivery);
  bool is_on_its_way_to_kitchen = delivery == ds::assigned || delivery == ds::at_restaurant;
  if (delivery == ds::searching) {
    let("assign", {"order.partner_assigned"}, status, ds::assigned);
    let("deadline, search", {"order.cancelled"}, os::cancelled, ds::failed);
  }
  if (delivery == ds::assigned) let("arrived", {"order.partner_at_restaurant"}, status, ds::at_restaurant);
  if (is_on_its_way_to_kitchen)
    let("release", {"order.partner_released", "order.search_started"}, status, ds::searching);
  if (is_on_its_way_to_kitchen && status == os::ready_for_pickup)
    let("pick up", {"order.picked_up"}, os::out_for_delivery, ds::picked_up);
  if (delivery == ds::picked_up) let("arrived", {"order.partner_at_customer"}, status, ds::at_customer);
  if (status == os::out_for_delivery) {
    let("deliver", {"order.delivered"}, os::delivered, ds::delivered);
    let("fail", {"order.delivery_failed"}, os::undeliverable, ds::failed);
  }
  auto cancelled = delivery == ds::not_started ? ds::not_started : ds::failed;
  bool is_before_preparation =
      status == os::payment_pending || status == os::pending_restaurant_acceptance || status == os::accepted;
  if (is_before_preparation) let("cancel, customer", {"order.cancelled"}, os::cancelled, cancelled);
  if (!is_open) let("forget", {"order.customer_forgotten"}, status, delivery);
  if (is_open) let("cancel, support", {"order.cancelled"}, os::cancelled, cancelled);
  // A deadline that is not the order's own passes without effect, whatever the order has become.
  for (const char* other : {"deadline, payment", "deadline, acceptance", "deadline, search"})
    if (!out.contains(other)) let(other, {}, status, delivery);
  return out;
}

/// With what the rest is refused.
errc refusal(state_pair at, const std::string& what, const std::map<std::string, outcome>& legal) {
  if (what == "assign") return errc::offer_no_longer_available;
  auto comma = what.find(',');
  auto deed = what.substr(0, comma);
  // Who may do it is told what is wrong with it; everybody else that it is not theirs.
  if (deed == "deliver" && what != "deliver" && at.first == os::out_for_delivery)
    return what == "deliver, somebody else" ? errc::not_found : errc::wrong_pin;
  bool carrier_could = legal.contains(deed);
  if (comma != std::string::npos && deed != "cancel" && carrier_could) return errc::not_found;
  return errc::illegal_transition;
}

std::vector<std::string_view> types_of(const std::vector<order_event>& events) {
  std::vector<std::string_view> out;
  for (const auto& e : events) out.push_back(std::visit([](const auto& x) { return x.type; }, e));
  return out;
}

}  // namespace

TEST_CASE("every command in every reachable state does what the table says, and nothing else") {
  for (auto at : reachable) {
    auto before = order_in(at.first, at.second);
    auto legal = allowed(at);
    // Late enough for every deadline of this order.
    auto now = noon + std::chrono::hours{5};
    for (const auto& [what, command] : all_commands(before)) {
      INFO(name(at.first) << " " << name(at.second) << ": " << what);
      auto after = before;
      auto events = carry_out(after, command, now);
      auto expected = legal.find(what);
      if (expected == legal.end()) {
        REQUIRE_FALSE(events);
        // "Somebody else" at the kitchen's door after the carrier has been there: either refusal names a reason.
        bool either = events.error() == errc::not_found && std::string_view{what}.ends_with("somebody else");
        CHECK((events.error() == refusal(at, what, legal) || (either && before.carried_by)));
        CHECK(after == before);
      } else {
        REQUIRE(events);
        CHECK(types_of(*events) == expected->second.events);
        CHECK(state_pair{after.status, after.delivery} == expected->second.then);
        CHECK(after.version == before.version + events->size());
      }
    }
  }
}

TEST_CASE("every other combination of status and delivery is refused or handled, never left in a broken state") {
  std::set<state_pair> known{reachable.begin(), reachable.end()};
  int walked = 0;
  for (std::size_t s = 0; s < enum_names<os>.size(); ++s)
    for (std::size_t d = 0; d < enum_names<ds>.size(); ++d) {
      state_pair at{static_cast<os>(s), static_cast<ds>(d)};
      if (known.contains(at)) continue;
      for (bool has_carrier : {false, true}) {
        auto before = order_in(os::accepted, ds::searching);
        before.status = at.first;
        before.delivery = at.second;
        if (has_carrier) before.carried_by = carried_by(the_carrier);
        for (const auto& [what, command] : all_commands(before)) {
          INFO(name(at.first) << " " << name(at.second) << ": " << what);
          auto after = before;
          auto events = carry_out(after, command, noon + std::chrono::hours{5});
          ++walked;
          if (is_terminal(at.first) && !std::holds_alternative<forget_order_customer>(command)) {
            CHECK((!events || events->empty()));
            CHECK(after == before);
          }
          if (events) CHECK(events->size() <= limits::events_per_command);
        }
      }
    }
  CHECK(walked == (88 - 19) * 2 * 28);
}

TEST_CASE("of an order that was never placed only placing it makes sense") {
  order blank;
  blank.id = nth<order_id>(1);
  for (const auto& [what, command] : all_commands(blank)) {
    INFO(what);
    auto events = decide(blank, command, noon, {});
    if (std::string_view{what} == "place")
      CHECK(events);
    else
      CHECK(events.error() == errc::order_not_found);
  }
}

TEST_CASE("the table of the code and its decisions agree") {
  for (auto at : reachable) {
    auto x = order_in(at.first, at.second);
    for (const auto& [what, command] : all_commands(x)) {
      INFO(name(at.first) << " " << name(at.second) << ": " << what);
      if (decide(x, command, noon + std::chrono::hours{5}, {})) CHECK(is_listed(true, at.first, command));
    }
  }
}
