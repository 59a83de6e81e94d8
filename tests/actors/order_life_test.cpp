/// An order's whole life through region, shard and actors, and what its commands promise.
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

TEST_CASE("an order is placed, cooked, matched and delivered, one journal row for each step") {
  platform city{make_store()};
  auto who = nth<partner_id>(1);
  auto phone = city.online_partner(who, 300);
  auto id = city.new_order_id();
  auto placed = city.expect<order>(city.command(id, city.order_from_kitchen()));
  CHECK(placed.id == id);
  CHECK(placed.version == 1);
  CHECK(placed.status == order_status::pending_restaurant_acceptance);
  city.expect<order>(city.command(id, accept_order{12}));
  city.expect<order>(city.command(id, start_preparing{"PREP"}));
  auto offers = phone.in->await<make_offer>();
  REQUIRE(offers.size() == 1);
  auto won = city.expect<awarded_job>(city.command(who, accept_offer{offers[0].what.id}));
  REQUIRE(won.deliveries.size() == 1);
  CHECK(won.deliveries[0].order == id);
  CHECK(won.deliveries[0].address_line == "7, Church Street");
  CHECK(city.read(who).active.size() == 1);
  city.expect<order>(city.command(id, partner_arrived{who}));
  city.expect<order>(city.command(id, mark_ready{}));
  city.expect<order>(city.command(id, pick_up{who}));
  city.expect<order>(city.command(id, partner_arrived{who}));
  CHECK(city.command(id, deliver{who, "0000"}).error() == errc::wrong_pin);
  auto delivered = city.expect<order>(city.command(id, deliver{who, "4711"}));
  CHECK(delivered.status == order_status::delivered);
  CHECK(delivered.version == 10);
  CHECK(eventually([&] { return city.read(who).active.empty(); }));

  std::vector<std::string> types;
  for (const auto& e : city.store().journal_of(ref(id))) types.push_back(e.event.type);
  CHECK(types ==
        std::vector<std::string>{"order.placed", "order.accepted", "order.search_started", "order.preparation_started",
                                 "order.partner_assigned", "order.partner_at_restaurant", "order.ready",
                                 "order.picked_up", "order.partner_at_customer", "order.delivered"});
  CHECK(city.store().active_assignments() == 0);
  CHECK(city.read_search_of(id).state == search_state::taken);
}

TEST_CASE("an order that has ended forgets its customer by an event, and is no second end for the live map") {
  platform city{make_store()};
  auto id = city.new_order_id();
  auto placed = city.expect<order>(city.command(id, city.order_from_kitchen()));
  CHECK(city.command(id, forget_order_customer{}).error() == errc::illegal_transition);
  city.expect<order>(city.command(id, reject_order{"out of batter"}));
  auto forgotten = city.expect<order>(city.command(id, forget_order_customer{}));
  CHECK(forgotten.dropoff.line.empty());
  CHECK(forgotten.note.empty());
  CHECK(forgotten.customer == placed.customer);
  CHECK(city.expect<order>(city.command(id, forget_order_customer{})).version == forgotten.version);
  CHECK(city.store().count(ref(id), "order.customer_forgotten") == 1);
  auto operators = city.open_session();
  city.expect<subscribed>(city.ask(board_ref(placed.zone), subscribe{operators.actor}));
  auto shown = operators.in->await<city_update>();
  REQUIRE_FALSE(shown.empty());
  CHECK(shown.front().counters.rejected == 1);
}

TEST_CASE("after a few wrong PINs an order takes none for a while, not even the right one") {
  platform city{make_store()};
  auto who = nth<partner_id>(1);
  auto phone = city.online_partner(who, 300);
  auto id = city.searching_order();
  auto offers = phone.in->await<make_offer>();
  REQUIRE(offers.size() == 1);
  city.expect<awarded_job>(city.command(who, accept_offer{offers[0].what.id}));
  city.expect<order>(city.command(id, mark_ready{}));
  city.expect<order>(city.command(id, pick_up{who}));
  auto guess = [&](std::string pin) { return city.command(id, deliver{who, std::move(pin)}); };
  for (std::size_t i = 0; i < limits::wrong_pins; ++i) CHECK(guess("0000").error() == errc::wrong_pin);
  CHECK(guess("4711").error() == errc::too_many_attempts);
  city.advance(limits::pause_after_wrong_pins);
  CHECK(guess("0000").error() == errc::wrong_pin);
  CHECK(guess("4711").error() == errc::too_many_attempts);
  city.advance(limits::pause_after_wrong_pins);
  CHECK(city.expect<order>(guess("4711")).status == order_status::delivered);
}

TEST_CASE("a command repeated under its id has one effect and gets an answer each time") {
  platform city{make_store()};
  auto id = city.new_order_id();
  auto placing = platform::fresh();
  city.expect<order>(city.command(id, city.order_from_kitchen(), placing));
  auto accepting = platform::fresh();
  for (int i = 0; i < 5; ++i)
    CHECK(city.expect<order>(city.command(id, accept_order{12}, accepting)).status == order_status::accepted);
  CHECK(city.expect<order>(city.command(id, city.order_from_kitchen(), placing)).version == 3);
  CHECK(city.store().count(ref(id), "order.accepted") == 1);
  CHECK(city.store().count(ref(id), "order.placed") == 1);
  // The same command under another id is another command.
  CHECK(city.command(id, accept_order{12}).error() == errc::illegal_transition);
}

TEST_CASE("fifty repeats at once have one effect") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  auto meta = platform::fresh();
  std::vector<std::pair<entity_ref, routed>> repeats(50, city.request(id, accept_order{12}, meta));
  for (auto& answer : city.ask_all(repeats)) CHECK(city.expect<order>(answer).version == 3);
  CHECK(city.store().count(ref(id), "order.accepted") == 1);
}

TEST_CASE("a command that expects another version is refused as stale and changes nothing") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  auto meta = platform::fresh();
  meta.expected_version = 7;
  CHECK(city.command(id, accept_order{12}, meta).error() == errc::stale_version);
  CHECK(city.read(id).version == 1);
  meta.expected_version = 1;
  CHECK(city.expect<order>(city.command(id, accept_order{12}, meta)).version == 3);
  // A repeat of it is answered, although the version has moved on.
  CHECK(city.expect<order>(city.command(id, accept_order{12}, meta)).version == 3);
}

TEST_CASE("an answer to a request with an idempotency key is stored with its effect, once") {
  platform city{make_store()};
  auto caller = nth<user_id>(1);
  auto meta = platform::fresh();
  meta.idempotency = idempotency_claim{caller, "POST /v1/orders/checkout k1", "abc"};
  auto id = city.new_order_id();
  auto placed = city.expect<order>(city.command(id, city.order_from_kitchen(), meta));
  auto kept = city.store().answer(caller, "POST /v1/orders/checkout k1");
  REQUIRE(kept);
  CHECK(kept->request_hash == "abc");
  auto answer = decode_reply(kept->body);
  REQUIRE(answer);
  CHECK(std::get<order>(*answer) == placed);
  // Another order under the same key: the key's first answer stands.
  auto second = platform::fresh();
  second.idempotency = meta.idempotency;
  auto other = city.new_order_id();
  CHECK(city.command(other, city.order_from_kitchen(), second).error() == errc::idempotency_key_exists);
  CHECK_FALSE(city.store().head(ref(other)));
}

TEST_CASE("what does not exist is not found, by the name of its kind") {
  platform city{make_store()};
  auto nobody = city.new_order_id();
  CHECK(city.ask(ref(nobody), read_state{}).error() == errc::order_not_found);
  CHECK(city.command(nobody, accept_order{12}).error() == errc::order_not_found);
  CHECK(city.ask(ref(nth<restaurant_id>(99)), read_state{}).error() == errc::restaurant_not_found);
  CHECK(city.ask(matchmaker_ref(zone_at(kitchen)), read_search{nobody}).error() == errc::search_not_found);
  auto session = city.open_session();
  CHECK(city.ask(ref(nobody), subscribe{session.actor}).error() == errc::order_not_found);
  // A message its kind does not take.
  CHECK(city.ask(ref(nth<partner_id>(1)), read_location{}).error() == errc::invalid_argument);
}

TEST_CASE("an order that was refused its placing is not there") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.store().fail_next(ref(id), fault::unavailable);
  CHECK(city.command(id, city.order_from_kitchen()).error() == errc::unavailable);
  CHECK(city.ask(ref(id), read_state{}).error() == errc::order_not_found);
}

TEST_CASE("a restaurant is registered, verified, opened and quotes its menu") {
  platform city{make_store()};
  auto id = platform::the_restaurant;
  register_restaurant registration{
      {nth<user_id>(9), "Vidyarthi Bhavan", "", {"32, Gandhi Bazaar", kitchen}, {}, "L1", ""}};
  CHECK(city.expect<restaurant>(city.command(id, registration)).version == 1);
  CHECK(city.command(nth<restaurant_id>(2), registration).error() == errc::licence_number_taken);
  price_lines wanted{{{nth<item_id>(1), 2, "crisp"}}};
  CHECK(city.expect<not_sold>(city.ask(ref(id), wanted)).why == errc::restaurant_closed);
  city.expect<restaurant>(city.command(id, verify_restaurant{verification_decision::approve, ""}));
  city.expect<restaurant>(city.command(id, set_restaurant_status{restaurant_status::online}));
  city.expect<changed_menu>(
      city.command(id, add_menu_item{{nth<item_id>(1), "Masala dosa", "", "", food_type::veg, {120'00}}}));
  auto priced = city.expect<quote>(city.ask(ref(id), wanted));
  CHECK(priced.restaurant_name == "Vidyarthi Bhavan");
  CHECK(priced.zone == zone_at(kitchen));
  REQUIRE(priced.lines.size() == 1);
  CHECK(priced.lines[0].price() == minor_units{240'00});
}

TEST_CASE("the carrier's position is the order's, and not that of the carrier before") {
  platform city{make_store()};
  auto first = nth<partner_id>(1);
  auto second = nth<partner_id>(2);
  auto phone = city.online_partner(first, 300);
  auto id = city.searching_order();
  CHECK(city.ask(ref(id), read_location{}).error() == errc::no_location);
  auto carrier_is_at = [&](partner_id who, double metres_north) {
    return eventually([&] {
      auto answer = city.ask(ref(id), read_location{});
      if (!answer) return false;
      auto found = std::get<located_partner>(*answer);
      return found.partner == who && found.where.at == north_of(kitchen, metres_north);
    });
  };
  auto made = phone.in->await<make_offer>();
  REQUIRE(made.size() == 1);
  city.expect<awarded_job>(city.command(first, accept_offer{made[0].what.id}));
  CHECK(carrier_is_at(first, 300));  // from where it was when it took the order
  city.advance(1s);
  city.report_position(first, north_of(kitchen, 250));
  CHECK(carrier_is_at(first, 250));

  city.expect<order>(city.command(id, release_order{first, "flat tyre"}));
  CHECK(city.ask(ref(id), read_location{}).error() == errc::no_location);
  auto other_phone = city.online_partner(second, 400);
  REQUIRE(city.matchmaker_counts_online(2));
  city.advance(31s);
  auto again = other_phone.in->await<make_offer>();
  REQUIRE(again.size() == 1);
  city.expect<awarded_job>(city.command(second, accept_offer{again[0].what.id}));
  CHECK(carrier_is_at(second, 400));
}
