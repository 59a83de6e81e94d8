/// What an order makes of the settings of the kitchen it is placed with.
#include <catch2/catch_test_macros.hpp>

#include "actors/domain/eta.hpp"
#include "tests/domain/order_script.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

order placed_with(kitchen_terms kitchen, payment_method by = payment_method::cash_on_delivery) {
  auto command = place();
  command.kitchen = kitchen;
  command.payment = by;
  order x;
  x.id = nth<order_id>(1);
  REQUIRE(carry_out(x, command, noon));
  return x;
}

std::vector<order_event> let_pass(order& x, instant now) {
  auto deadline = next_deadline(x);
  REQUIRE(deadline);
  auto events = carry_out(x, deadline_passed{deadline->which, deadline->due}, now);
  REQUIRE(events);
  return *events;
}

}  // namespace

TEST_CASE("an order waits for its restaurant as long as the restaurant wants") {
  CHECK(placed_with({}).accept_by == noon + 10min);
  auto x = placed_with({0, 3, false});
  CHECK(x.accept_by == noon + 3min);
  let_pass(x, noon + 3min);
  CHECK(x.status == order_status::rejected);
}

TEST_CASE("after a payment the restaurant has all of its time") {
  auto x = placed_with({0, 3, false}, payment_method::card);
  REQUIRE(carry_out(x, payment_succeeded{}, noon + 5min));
  CHECK(next_deadline(x) == pending_deadline{order_deadline::acceptance, noon + 8min});
}

TEST_CASE("the first estimate goes by the kitchen's own minutes") {
  order_terms terms;
  auto x = placed_with({25, 0, false});
  CHECK(x.estimated_delivery_at == estimate_delivery(noon + 25min, x.pickup, x.dropoff.at, terms));
}

TEST_CASE("an order of a kitchen that accepts by itself is accepted as soon as it waits, once") {
  auto x = placed_with({25, 3, true});
  CHECK(next_deadline(x) == pending_deadline{order_deadline::self_acceptance, noon});
  deadline_passed due{order_deadline::self_acceptance, noon};
  auto events = let_pass(x, noon + 50ms);
  REQUIRE(events.size() == 2);
  CHECK(x.status == order_status::accepted);
  CHECK(x.delivery == delivery_status::searching);
  CHECK(x.preparation_minutes == 25);
  CHECK(x.ready_by == noon + 50ms + 25min);
  CHECK(carry_out(x, due, noon + 1s)->empty());
  CHECK(carry_out(x, accept_order{12}, noon + 1s).error() == errc::illegal_transition);
}

TEST_CASE("an order that would accept itself is rejected when the platform was away for too long") {
  auto early = placed_with({25, 3, true});
  REQUIRE(let_pass(early, noon + 3min - 1ms).size() == 2);
  CHECK(early.status == order_status::accepted);
  auto late = placed_with({25, 3, true});
  let_pass(late, noon + 3min);
  CHECK(late.status == order_status::rejected);
  CHECK(late.ended->liable == party::platform);
}

TEST_CASE("an order that accepts itself is not accepted before it is paid, nor after it was cancelled") {
  auto x = placed_with({0, 0, true}, payment_method::card);
  CHECK(next_deadline(x)->which == order_deadline::payment);
  deadline_passed due{order_deadline::self_acceptance, noon};
  CHECK(carry_out(x, due, noon + 1min)->empty());
  auto cancelled = x;
  REQUIRE(carry_out(cancelled, cancel_order{{party::customer, "", party::customer}}, noon + 1min));
  CHECK(carry_out(cancelled, due, noon + 2min)->empty());
  REQUIRE(carry_out(x, payment_succeeded{}, noon + 5min));
  let_pass(x, noon + 5min);
  CHECK(x.status == order_status::accepted);
  CHECK(x.preparation_minutes == order_terms{}.preparation_minutes);
}
