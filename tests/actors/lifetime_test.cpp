/// Actors end when they should, and nothing of them stays.
#include <caf/send.hpp>

#include "actors/shard.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

// That all actors of a node end with it is checked by every test: see ~platform.

TEST_CASE("a node with orders, partners, restaurants and boards ends without leaving an actor") {
  platform_options options;
  options.shards = 64;
  platform city{make_store(64), {}, options};
  for (std::uint64_t i = 1; i <= 50; ++i) {
    auto phone = city.online_partner(nth<partner_id>(i), 100.0 * static_cast<double>(i));
    city.searching_order();
    auto watcher = city.open_session();
    city.expect<subscribed>(city.ask(board_ref(zone_at(kitchen)), subscribe{watcher.actor}));
  }
  CHECK(city.running_actors() > 200);
}

TEST_CASE("a node that stops in the middle of writes answers every command it has taken") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  city.store().hold();
  std::thread stopper{[&] {
    (void)city.store().await_held();
    caf::anon_send(city.region(), stop{});
    city.store().release();
  }};
  auto answer = city.command(id, accept_order{12});
  stopper.join();
  // Written and acknowledged, or refused as to be repeated: never silence, and never a lie.
  if (answer)
    CHECK(city.store().count(ref(id), "order.accepted") == 1);
  else
    CHECK((answer.error() == errc::moved || answer.error() == errc::unavailable));
}

TEST_CASE("an order told to leave finishes its write, and who asks meanwhile is answered with what was written") {
  auto store = make_store();
  platform city{store};
  auto owned = store->retake({0});
  auto watcher = city.open_session();  // so that the board runs already
  city.expect<subscribed>(city.ask(board_ref(zone_at(kitchen)), subscribe{watcher.actor}));
  auto shard = spawn_shard(city.system(), city.node(), city.region(), owned);
  caf::scoped_actor self{city.system()};
  order_id id;  // in shard 0
  auto ask = [&](routed body) { return self->request(shard, patience, envelope{ref(id), 0, 0, std::move(body)}); };
  auto fails = [](const caf::error& why) { FAIL(to_string(why)); };
  ask(order_request{platform::fresh(), id, city.order_from_kitchen()}).receive([](const reply&) {}, fails);

  store->hold();
  auto rejecting = ask(order_request{platform::fresh(), id, reject_order{"closed"}});
  REQUIRE(store->await_held());
  self->send(shard, may_forget{ref(id)});
  // It still writes: whoever asks now waits for its end, and does not load what was before.
  auto running = city.running_actors();
  auto reading = ask(read_state{});
  store->release();
  rejecting.receive([](const reply& x) { CHECK(std::get<order>(x).version == 2); }, fails);
  reading.receive([](const reply& x) { CHECK(std::get<order>(x).version == 2); }, fails);
  for (int i = 0; i < 200; ++i) ask(read_state{}).receive([](const reply&) {}, fails);
  CHECK(eventually([&] { return city.running_actors() == running; }));
  caf::anon_send(shard, stop{});
}

TEST_CASE("a partner off duty whom nobody asks for leaves memory") {
  platform city{make_store()};
  auto who = nth<partner_id>(1);
  city.expect<partner>(city.command(who, go_online{{}, {}}));
  city.expect<partner>(city.command(who, go_offline{}));
  auto with_partner = city.running_actors();
  CHECK(city.ticking_until([&] { return city.running_actors() < with_partner; }, 11min));
  CHECK(city.read(who).version == 2);
}

TEST_CASE("a session that ends is no subscriber any more") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  for (int i = 0; i < 1000; ++i) {
    auto session = city.open_session();
    REQUIRE(eventually([&] { return city.ask(ref(id), subscribe{session.actor}).has_value(); }));
    city.close(session);
  }
}

TEST_CASE("what was never placed or registered leaves no actor behind") {
  platform city{make_store()};
  (void)city.zones();
  auto before = city.running_actors();
  auto meta = platform::fresh();
  meta.expected_version = 7;
  for (std::uint64_t i = 0; i < 50; ++i) {
    meta.command = command_id::make(real_now());
    CHECK(city.command(city.new_order_id(), city.order_from_kitchen(), meta).error() == errc::stale_version);
    CHECK(city.command(nth<restaurant_id>(100 + i), register_restaurant{}, meta).error() == errc::stale_version);
  }
  CHECK(eventually([&] { return city.running_actors() == before; }));
}

TEST_CASE("a partner that jumps about the globe leaves no zones behind it, and can start only so many") {
  platform city{make_store()};
  auto who = nth<partner_id>(1);
  city.expect<partner>(city.command(who, go_online{kitchen, {}}));
  REQUIRE(city.matchmaker_counts_online(1));
  auto before = city.running_actors();
  for (int i = 0; i < 500; ++i) city.report_position(who, {-60.0 + i % 120, -170.0 + i * 0.6});
  city.expect<partner>(city.ask(ref(who), read_state{}));
  city.keep_pace();
  // A few moves, each to at most four zones with a matchmaker and a board.
  CHECK(city.running_actors() <= before + 10 * 4 * 2);
  city.expect<partner>(city.command(who, go_offline{}));
  CHECK(city.ticking_until([&] { return city.running_actors() <= before; }, 10s));
}

TEST_CASE("a city that nobody watches and that has nothing in it is forgotten") {
  platform city{make_store()};
  (void)city.zones();
  auto before = city.running_actors();
  auto watcher = city.open_session();
  city.expect<subscribed>(city.ask(board_ref(zone_at({60, 10})), subscribe{watcher.actor}));
  for (int i = 0; i < 10; ++i) city.advance(60s);  // every fifth tick a board looks whether it is idle
  city.keep_pace();
  CHECK(city.running_actors() == before + 2);  // the session and the board
  city.tell(board_ref(zone_at({60, 10})), unsubscribe{watcher.actor});
  CHECK(city.ticking_until([&] { return city.running_actors() == before + 1; }, 10s));
}

TEST_CASE("guests leave room for an order's own people") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  std::vector<session> guests;
  for (std::size_t i = 0; i < limits::guests_per_entity; ++i) {
    guests.push_back(city.open_session());
    city.expect<subscribed>(city.ask(ref(id), subscribe{guests.back().actor, true}));
  }
  auto one_more = city.open_session();
  CHECK(city.ask(ref(id), subscribe{one_more.actor, true}).error() == errc::overloaded);
  city.expect<subscribed>(city.ask(ref(id), subscribe{one_more.actor}));
}

TEST_CASE("an entity has a bounded number of subscribers, each counted once") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  std::vector<session> sessions;
  for (std::size_t i = 0; i < limits::subscribers_per_entity; ++i) {
    sessions.push_back(city.open_session());
    city.expect<subscribed>(city.ask(ref(id), subscribe{sessions.back().actor}));
    city.expect<subscribed>(city.ask(ref(id), subscribe{sessions.back().actor}));
  }
  auto one_more = city.open_session();
  CHECK(city.ask(ref(id), subscribe{one_more.actor}).error() == errc::overloaded);
  city.tell(ref(id), unsubscribe{sessions.front().actor});
  CHECK(eventually([&] { return city.ask(ref(id), subscribe{one_more.actor}).has_value(); }));
}
