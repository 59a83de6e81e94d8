#include "actors/domain/order_machine.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "actors/domain/eta.hpp"
#include "protocols/model/limits.hpp"
#include "protocols/model/order_privacy.hpp"
#include "tests/domain/order_script.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;
using os = order_status;
using ds = delivery_status;

namespace {

const partner_id carrier_itself = nth<partner_id>(the_carrier);

}  // namespace

TEST_CASE("a cash order waits for the restaurant, with all that was ordered") {
  order x;
  REQUIRE(carry_out(x, place(), noon));
  CHECK(x.status == os::pending_restaurant_acceptance);
  CHECK(x.delivery == ds::not_started);
  CHECK(x.version == 1);
  CHECK(x.placed_at == noon);
  CHECK(x.accept_by == noon + 10min);
  CHECK_FALSE(x.pay_by);
  CHECK(x.subtotal == minor_units{285'50});
  CHECK(x.total == minor_units{335'50});
  CHECK(x.lines == place().lines);
  CHECK(x.dropoff == place().dropoff);
  CHECK(x.note == "ring twice");
  CHECK(x.pin == "4711");
}

TEST_CASE("a card order waits for the payment first, then as long as any for the restaurant") {
  order x;
  REQUIRE(carry_out(x, place_by_card(), noon));
  CHECK(x.status == os::payment_pending);
  CHECK(x.pay_by == noon + 15min);
  REQUIRE(carry_out(x, payment_succeeded{}, noon + 14min));
  CHECK(x.status == os::pending_restaurant_acceptance);
  CHECK(x.accept_by == noon + 24min);
}

TEST_CASE("accepting names when the food is ready and begins the search") {
  auto x = order_in(os::pending_restaurant_acceptance, ds::not_started);
  auto now = noon + 3min;
  REQUIRE(carry_out(x, accept_order{20}, now));
  CHECK(x.status == os::accepted);
  CHECK(x.preparation_minutes == 20);
  CHECK(x.accepted_at == now);
  CHECK(x.ready_by == now + 20min);
  CHECK(x.search_until == now + 20min + 1h);
  CHECK(is_searching(x));
  // 2 km at 320 m a minute and four minutes at the doors.
  auto estimate = *x.estimated_delivery_at - (now + 20min);
  CHECK_THAT(static_cast<double>(estimate.count()) / 1e6, Catch::Matchers::WithinAbs(240 + 2000 / (320.0 / 60), 0.1));
}

TEST_CASE("travel takes distance over speed") {
  order_terms terms;
  terms.travel_metres_per_second = 10;
  auto t = travel_time(kitchen, north_of(kitchen, 1000), terms);
  CHECK_THAT(static_cast<double>(t.count()) / 1e6, Catch::Matchers::WithinAbs(100, 0.01));
  CHECK(travel_time(kitchen, kitchen, terms) == 0s);
}

TEST_CASE("a modified order is priced anew and keeps its fee and tip") {
  auto x = order_in(os::pending_restaurant_acceptance, ds::not_started);
  REQUIRE(carry_out(x, modify_order{{line(3, 3, 10'00)}, {"8, Church Street", kitchen}, "no onions"}, noon + 1min));
  CHECK(x.subtotal == minor_units{30'00});
  CHECK(x.total == minor_units{80'00});
  CHECK(x.dropoff.line == "8, Church Street");
  CHECK(x.note == "no onions");
  CHECK(x.version == 2);
}

TEST_CASE("an order takes the price that comes with it, when that adds up") {
  auto placing = place();
  placing.price.lines = {{240'00, 24'00, 10'80, 216'00}, {45'50, 0, 2'28, 45'50}};
  placing.price.item_discount = {24'00};
  placing.price.tax = {13'08};
  placing.price.platform_fee = {5'00};
  placing.price.delivery_discount = {30'00};
  order x;
  REQUIRE(carry_out(x, placing, noon));
  // 285.50 - 24.00 + 13.08 + 5.00 + 30.00 - 30.00 + 20.00
  CHECK(x.total == minor_units{299'58});
  CHECK(x.price == placing.price);
  placing.price.tax = {13'09};
  order y;
  CHECK(carry_out(y, placing, noon) == tl::unexpected{errc::invalid_argument});
  modify_order change{{line(3, 3, 10'00)}, {"8, Church Street", kitchen}, "", placing.price};
  CHECK(carry_out(x, change, noon + 1min) == tl::unexpected{errc::invalid_argument});
}

TEST_CASE("an order uses its promotions while it is open and once it is delivered, and when the customer is to blame") {
  CHECK_FALSE(uses_promotions(order{}));
  for (auto [s, d] : {std::pair{os::payment_pending, ds::not_started},
                      {os::pending_restaurant_acceptance, ds::not_started},
                      {os::accepted, ds::searching},
                      {os::out_for_delivery, ds::at_customer},
                      {os::delivered, ds::delivered}})
    CHECK(uses_promotions(order_in(s, d)));
  for (auto [s, d] : {std::pair{os::payment_failed, ds::not_started},
                      {os::rejected, ds::not_started},
                      {os::cancelled, ds::failed},
                      {os::undeliverable, ds::failed}})
    CHECK_FALSE(uses_promotions(order_in(s, d)));
  auto refused_at_door = order_in(os::undeliverable, ds::failed);
  refused_at_door.ended->liable = party::customer;
  CHECK(uses_promotions(refused_at_door));
  auto early = order_in(os::pending_restaurant_acceptance, ds::not_started);
  REQUIRE(carry_out(early, cancel_order{{party::customer, "", party::customer}}, noon + 1min));
  CHECK_FALSE(uses_promotions(early));
}

TEST_CASE("each state has the one deadline that belongs to it") {
  auto due = [](os s, ds d) { return next_deadline(order_in(s, d)); };
  CHECK(due(os::payment_pending, ds::not_started) == pending_deadline{order_deadline::payment, noon + 15min});
  CHECK(due(os::pending_restaurant_acceptance, ds::not_started) ==
        pending_deadline{order_deadline::acceptance, noon + 10min});
  // Accepted at 1 minute with 12 minutes of preparation, an hour to search after that.
  pending_deadline search{order_deadline::search, noon + 1min + 12min + 1h};
  CHECK(due(os::accepted, ds::searching) == search);
  CHECK(due(os::in_preparation, ds::searching) == search);
  CHECK(due(os::ready_for_pickup, ds::searching) == search);
  for (auto [s, d] :
       {std::pair{os::accepted, ds::assigned},
        {os::ready_for_pickup, ds::at_restaurant},
        {os::out_for_delivery, ds::picked_up},
        {os::out_for_delivery, ds::at_customer},
        {os::delivered, ds::delivered},
        {os::cancelled, ds::failed},
        {os::cancelled, ds::not_started},
        {os::rejected, ds::not_started},
        {os::payment_failed, ds::not_started},
        {os::undeliverable, ds::failed}})
    CHECK_FALSE(due(s, d));
  CHECK_FALSE(next_deadline(order{}));
}

TEST_CASE("a deadline has no effect before its time, and none when it was moved") {
  auto x = order_in(os::pending_restaurant_acceptance, ds::not_started);
  deadline_passed due{order_deadline::acceptance, x.accept_by};
  CHECK(decide(x, due, x.accept_by - 1us, {})->empty());
  CHECK(decide(x, due, x.accept_by, {})->size() == 1);
  deadline_passed earlier{order_deadline::acceptance, x.accept_by - 1us};
  CHECK(decide(x, earlier, x.accept_by + 1h, {})->empty());
  deadline_passed of_another_kind{order_deadline::search, x.accept_by};
  CHECK(decide(x, of_another_kind, x.accept_by + 1h, {})->empty());
}

TEST_CASE("an order nobody answered is rejected by the platform at the restaurant's cost") {
  auto x = order_in(os::pending_restaurant_acceptance, ds::not_started);
  auto now = x.accept_by;
  REQUIRE(carry_out(x, deadline_passed{order_deadline::acceptance, now}, now));
  REQUIRE(x.ended);
  CHECK(x.ended->by == party::platform);
  CHECK(x.ended->liable == party::restaurant);
  CHECK(x.ended_at == now);
}

TEST_CASE("an order nobody carries is cancelled by the platform at its own cost") {
  auto x = order_in(os::ready_for_pickup, ds::searching);
  auto now = *x.search_until;
  REQUIRE(carry_out(x, deadline_passed{order_deadline::search, now}, now));
  CHECK(x.status == os::cancelled);
  CHECK(x.ended->by == party::platform);
  CHECK(x.ended->liable == party::platform);
}

TEST_CASE("an order given back is searched for again, longer when the food is not ready yet") {
  auto before = order_in(os::accepted, ds::assigned);
  auto early = before;
  REQUIRE(carry_out(early, release_order{carrier_itself, "flat tyre"}, noon + 5min));
  CHECK(early.search_until == *before.ready_by + 1h);
  CHECK(early.gave_back == std::vector{carrier_itself});
  CHECK_FALSE(early.carried_by);
  CHECK_FALSE(early.assigned_at);
  auto late = before;
  REQUIRE(carry_out(late, release_order{carrier_itself, "flat tyre"}, noon + 50min));
  CHECK(late.search_until == noon + 50min + 1h);
}

TEST_CASE("whoever gave an order back twice is named once") {
  auto x = order_in(os::accepted, ds::assigned);
  REQUIRE(carry_out(x, release_order{carrier_itself, "a"}, noon + 5min));
  REQUIRE(carry_out(x, assign_partner{carried_by(the_carrier)}, noon + 6min));
  REQUIRE(carry_out(x, release_order{carrier_itself, "b"}, noon + 7min));
  CHECK(x.gave_back.size() == 1);
}

TEST_CASE("a partner who was released can do nothing more with the order") {
  auto x = order_in(os::ready_for_pickup, ds::assigned);
  REQUIRE(carry_out(x, release_order{carrier_itself, "flat tyre"}, noon + 9min));
  CHECK(decide(x, pick_up{carrier_itself}, noon + 10min, {}).error() == errc::illegal_transition);
  REQUIRE(carry_out(x, assign_partner{carried_by(somebody_else)}, noon + 10min));
  CHECK(decide(x, pick_up{carrier_itself}, noon + 11min, {}).error() == errc::not_found);
  CHECK(decide(x, release_order{carrier_itself, "again"}, noon + 11min, {}).error() == errc::not_found);
}

TEST_CASE("an accept that loses to a cancel, or to another accept, is told that the offer is gone") {
  auto cancelled = order_in(os::cancelled, ds::failed);
  assign_partner late{carried_by(somebody_else)};
  CHECK(decide(cancelled, late, noon + 1h, {}).error() == errc::offer_no_longer_available);
  auto taken = order_in(os::accepted, ds::assigned);
  CHECK(decide(taken, late, noon + 1h, {}).error() == errc::offer_no_longer_available);
}

TEST_CASE("a delivered order remembers who carried it and when") {
  auto x = order_in(os::delivered, ds::delivered);
  CHECK(x.carried_by == carried_by(the_carrier));
  CHECK(x.ended_at);
  CHECK(x.picked_up_at < x.ended_at);
  CHECK_FALSE(x.ended);  // it ended well
}

TEST_CASE("an order that has ended forgets what its customer wrote, and where it was brought, once") {
  auto x = order_in(os::delivered, ds::delivered);
  x.lines[0].special_instructions = "no onions";
  auto before = x;
  REQUIRE(carry_out(x, forget_order_customer{}, noon + 2h)->size() == 1);
  CHECK(x.dropoff.line.empty());
  CHECK(x.dropoff.at == coarse(before.dropoff.at));
  CHECK(x.note.empty());
  CHECK(x.lines[0].special_instructions.empty());
  CHECK(x.customer == before.customer);
  CHECK(x.total == before.total);
  CHECK(x.lines[0].name == before.lines[0].name);
  CHECK(carry_out(x, forget_order_customer{}, noon + 3h)->empty());
}

TEST_CASE("a reason is forgotten when the customer gave it, and kept when somebody else did") {
  order by_customer;
  REQUIRE(carry_out(by_customer, place(), noon));
  auto by_support = by_customer;
  REQUIRE(carry_out(by_customer, cancel_order{{party::customer, "I am ill", party::customer}}, noon));
  REQUIRE(carry_out(by_support, cancel_order{{party::support, "duplicate", party::platform}}, noon));
  for (auto* x : {&by_customer, &by_support}) REQUIRE(carry_out(*x, forget_order_customer{}, noon));
  CHECK(by_customer.ended->reason.empty());
  CHECK(by_support.ended->reason == "duplicate");
}

TEST_CASE("rewritten events fold to the order that has forgotten") {
  order x, again;
  std::vector<order_event> history;
  auto command = [&](const order_command& c) {
    auto events = carry_out(x, c, noon);
    REQUIRE(events);
    history.insert(history.end(), events->begin(), events->end());
  };
  command(place());
  command(modify_order{{line(3, 1, 80'00)}, {"8, Church Street", north_of(kitchen, 700)}, "no onions"});
  command(cancel_order{{party::customer, "I am ill", party::customer}});
  command(forget_order_customer{});
  int rewritten = 0;
  for (auto& event : history) {
    rewritten += forget_customer(event);
    apply(again, event, noon);
  }
  CHECK(rewritten == 3);
  CHECK(again == x);
}

TEST_CASE("the last commands are remembered, as many as are kept") {
  std::vector<command_id> recent;
  for (std::uint64_t i = 0; i < 100; ++i) remember(recent, nth<command_id>(i));
  CHECK(recent.size() == limits::remembered_commands);
  CHECK_FALSE(is_remembered(recent, nth<command_id>(99 - limits::remembered_commands)));
  for (std::uint64_t i = 100 - limits::remembered_commands; i < 100; ++i)
    CHECK(is_remembered(recent, nth<command_id>(i)));
}
