/// Deadlines fire once, on time, whatever happens to actors and nodes.
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

bool has_status(platform& city, order_id id, order_status wanted) {
  return city.ticking_until([&] {
    auto answer = city.ask(ref(id), read_state{});
    return answer && std::get<order>(*answer).status == wanted;
  });
}

/// How many actors a node has that shows a city without orders to `watcher`.
std::size_t actors_with_a_board(platform& city, const session& watcher) {
  city.expect<subscribed>(city.ask(board_ref(zone_at(kitchen)), subscribe{watcher.actor}));
  return city.running_actors();
}

}  // namespace

TEST_CASE("an order that no restaurant accepts is rejected at its deadline, once") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  city.advance(10min - 1us);
  for (int i = 0; i < 20; ++i) city.tick();
  CHECK(city.read(id).status == order_status::pending_restaurant_acceptance);
  city.advance(1us);
  CHECK(has_status(city, id, order_status::rejected));
  for (int i = 0; i < 20; ++i) city.advance(1min);
  (void)city.ask(ref(id), read_state{});
  CHECK(city.store().count(ref(id), "order.rejected") == 1);
}

TEST_CASE("deadlines that pass while no node runs fire at the next start, once each") {
  auto store = make_store();
  auto time = std::make_shared<manual_clock>();
  std::vector<order_id> ids;
  {
    platform city{store, time};
    for (int i = 0; i < 50; ++i) {
      ids.push_back(city.new_order_id());
      city.expect<order>(city.command(ids.back(), city.order_from_kitchen()));
    }
  }
  time->advance(11min);
  for (int restart = 0; restart < 3; ++restart) {
    platform city{store, time};
    for (auto id : ids) REQUIRE(has_status(city, id, order_status::rejected));
  }
  for (auto id : ids) CHECK(store->count(ref(id), "order.rejected") == 1);
}

TEST_CASE("a deadline that meets a store that is away fires when it is back") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  std::atomic<int> refused = 0;
  city.store().interfere([&](const append&) { return ++refused <= 3 ? fault::unavailable : fault::none; });
  city.advance(10min);
  CHECK(has_status(city, id, order_status::rejected));
  CHECK(refused == 4);
  city.store().interfere({});
}

TEST_CASE("a deadline whose outcome was unknown has one effect") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  city.store().fail_next(ref(id), fault::unknown_written);
  city.advance(10min);
  CHECK(has_status(city, id, order_status::rejected));
  CHECK(city.store().count(ref(id), "order.rejected") == 1);
}

TEST_CASE("an order whose deadline's write was lost with its actor is not forgotten") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  city.store().fail_next(ref(id), fault::unknown_lost);
  city.advance(10min);
  // Nobody asks for the order: it must be served by its shard alone.
  CHECK(city.ticking_until([&] { return city.store().count(ref(id), "order.rejected") == 1; }));
}

TEST_CASE("an order accepted in time is not rejected later") {
  platform city{make_store()};
  auto id = city.searching_order();
  city.advance(11min);
  for (int i = 0; i < 20; ++i) city.tick();
  CHECK(city.read(id).status == order_status::accepted);
}

TEST_CASE("an order nobody carries is cancelled at the end of its search, once, and leaves the matchmaker") {
  platform city{make_store()};
  auto id = city.searching_order();
  REQUIRE(eventually([&] { return city.ask(matchmaker_ref(zone_at(kitchen)), read_search{id}).has_value(); }));
  city.advance(12min + 1h);
  CHECK(has_status(city, id, order_status::cancelled));
  CHECK(eventually([&] { return city.read_search_of(id).state == search_state::ended; }));
  for (int i = 0; i < 10; ++i) city.advance(1min);
  (void)city.ask(ref(id), read_state{});
  CHECK(city.store().count(ref(id), "order.cancelled") == 1);
}

TEST_CASE("a closed order that nobody asks for leaves memory, and is loaded when somebody does") {
  platform city{make_store()};
  auto watcher = city.open_session();
  auto without_orders = actors_with_a_board(city, watcher);
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  city.expect<order>(city.command(id, reject_order{"closed"}));
  CHECK(city.ticking_until([&] { return city.running_actors() == without_orders; }, 31s));
  auto again = city.read(id);
  CHECK(again.status == order_status::rejected);
  CHECK(again.version == 2);
  CHECK(city.command(id, accept_order{12}).error() == errc::illegal_transition);
}

TEST_CASE("orders forgotten and asked for at the same moment are always answered, by one actor each") {
  platform city{make_store()};
  auto watcher = city.open_session();
  auto without_orders = actors_with_a_board(city, watcher);
  std::vector<order_id> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(city.new_order_id());
    city.expect<order>(city.command(ids.back(), city.order_from_kitchen()));
    city.expect<order>(city.command(ids.back(), reject_order{"closed"}));
  }
  for (int round = 0; round < 200; ++round) {
    city.advance(31s);
    std::vector<std::pair<entity_ref, routed>> questions;
    for (int i = 0; i < 5; ++i)
      for (auto id : ids) questions.emplace_back(ref(id), read_state{});
    for (auto& answer : city.ask_all(std::move(questions))) {
      // Whoever met the actor at its end is told to ask again.
      if (!answer) CHECK(answer.error() == errc::moved);
    }
    CHECK(city.running_actors() <= without_orders + 2 * ids.size());
  }
  CHECK(city.ticking_until([&] { return city.running_actors() == without_orders; }, 31s));
}

TEST_CASE("an order somebody watches stays in memory") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  auto session = city.open_session();
  city.expect<subscribed>(city.ask(ref(id), subscribe{session.actor}));
  city.expect<order>(city.command(id, reject_order{"closed"}));
  for (int i = 0; i < 10; ++i) {
    city.advance(31s);
    city.store().set_readable(false);  // it could not be loaded
    CHECK(city.read(id).status == order_status::rejected);
    city.store().set_readable(true);
  }
}
