/// What subscribers of orders, restaurants and the live city are told.
#include <algorithm>
#include <map>
#include <set>

#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

TEST_CASE("subscribers are told every event after the commit, in sequence, without a gap") {
  platform city{make_store()};
  constexpr int orders = 40;
  std::vector<order_id> ids;
  std::vector<session> sessions;
  for (int i = 0; i < orders; ++i) {
    ids.push_back(city.new_order_id());
    city.expect<order>(city.command(ids.back(), city.order_from_kitchen()));
    sessions.push_back(city.open_session());
    auto from = city.expect<subscribed>(city.ask(ref(ids.back()), subscribe{sessions.back().actor}));
    CHECK(from.seq == 1);
  }
  std::vector<std::pair<entity_ref, routed>> load;
  std::vector<order_command> way{accept_order{12}, start_preparing{"PREP"}};
  for (int stage = 0; stage < 20; ++stage) way.push_back(change_stage{std::to_string(stage)});
  way.push_back(mark_ready{});
  for (const auto& command : way)
    for (auto id : ids) load.push_back(city.request(id, command));
  for (auto& answer : city.ask_all(std::move(load))) REQUIRE(answer);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto version = city.read(ids[i]).version;
    auto news = sessions[i].in->await<published>(version - 1);
    REQUIRE(news.size() == version - 1);
    std::uint64_t position = 0;
    for (std::size_t k = 0; k < news.size(); ++k) {
      CHECK(news[k].seq == k + 2);
      CHECK(news[k].entity == ref(ids[i]));
      CHECK(news[k].position > position);
      position = news[k].position;
    }
    auto journal = city.store().journal_of(ref(ids[i]));
    CHECK(journal.back().position == position);
  }
}

TEST_CASE("a subscriber that left hears nothing more") {
  platform city{make_store()};
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  auto leaves = city.open_session();
  auto stays = city.open_session();
  city.expect<subscribed>(city.ask(ref(id), subscribe{leaves.actor}));
  city.expect<subscribed>(city.ask(ref(id), subscribe{stays.actor}));
  city.tell(ref(id), unsubscribe{leaves.actor});
  auto told = leaves.in->await<publishing>(2);
  REQUIRE(told.size() == 2);
  CHECK_FALSE(told.front().has_ended);
  CHECK(told.back().has_ended);
  CHECK(told.back().by == told.front().by);
  city.expect<order>(city.command(id, accept_order{12}));
  CHECK(stays.in->await<published>(2).size() == 2);
  CHECK(leaves.in->all<published>().empty());
}

// Orders publish each on their own, so events of different orders may arrive in another sequence than their positions.
TEST_CASE("a restaurant's feed brings every event of all its orders, each under its position in the journal") {
  platform city{make_store()};
  city.open_restaurant();
  auto tablet = city.open_session();
  city.expect<subscribed>(city.ask(ref(platform::the_restaurant), subscribe{tablet.actor}));
  constexpr std::size_t orders = 200;
  std::vector<std::pair<entity_ref, routed>> load;
  for (std::size_t i = 0; i < orders; ++i) load.push_back(city.request(city.new_order_id(), city.order_from_kitchen()));
  for (auto& answer : city.ask_all(std::move(load))) REQUIRE(answer);
  auto news = tablet.in->await<order_changed>(orders);
  REQUIRE(news.size() == orders);
  std::set<std::uint64_t> positions;
  for (const auto& change : news)
    for (const auto& event : change.events) {
      positions.insert(event.position);
      CHECK(city.store().journal_of(event.entity).at(event.seq - 1).position == event.position);
    }
  CHECK(positions.size() == orders);
}

TEST_CASE("a restaurant's feed says where it stands, also after a restart") {
  auto store = make_store();
  {
    platform city{store};
    city.open_restaurant();
    for (int i = 0; i < 3; ++i) city.expect<order>(city.command(city.new_order_id(), city.order_from_kitchen()));
  }
  platform city{store};
  auto tablet = city.open_session();
  auto stands = city.expect<subscribed>(city.ask(ref(platform::the_restaurant), subscribe{tablet.actor})).seq;
  CHECK(stands == store->feed_position(platform::the_restaurant));
  CHECK(stands >= 3);
}

TEST_CASE("the live city is a snapshot and then what changed") {
  platform city{make_store()};
  city.open_restaurant();
  auto phone = city.online_partner(nth<partner_id>(1), 100);
  REQUIRE(city.matchmaker_counts_online(1));
  auto before = city.searching_order();
  auto board = board_ref(zone_at(kitchen));
  auto watcher = city.open_session();
  REQUIRE(eventually([&] {
    auto probe = city.open_session();
    city.expect<subscribed>(city.ask(board, subscribe{probe.actor}));
    auto seen = probe.in->await<city_update>();
    return !seen.empty() && seen[0].counters.searching == 1 && seen[0].restaurants.size() == 1;
  }));
  city.expect<subscribed>(city.ask(board, subscribe{watcher.actor}));
  auto first = watcher.in->await<city_update>();
  REQUIRE_FALSE(first.empty());
  CHECK(first[0].snapshot);
  CHECK(first[0].counters.searching == 1);
  CHECK(first[0].counters.partners_online == 1);
  CHECK(first[0].partners.size() == 1);
  city.expect<order>(city.command(before, cancel_order{{party::support, "", party::platform}}));
  CHECK(city.ticking_until([&] {
    auto updates = watcher.in->all<city_update>();
    return updates.back().counters.cancelled == 1 && updates.back().counters.open == 0;
  }));
  auto updates = watcher.in->all<city_update>();
  CHECK(std::ranges::count_if(updates, &city_update::snapshot) == 1);
}

TEST_CASE("a board that starts anew learns which restaurant an order is of, although that has nothing new to say") {
  platform city{make_store()};
  city.open_restaurant();
  auto id = city.searching_order();
  auto board = board_ref(zone_at(kitchen));
  auto watcher = city.open_session();
  city.expect<subscribed>(city.ask(board, subscribe{watcher.actor}));
  caf::scoped_actor self{city.system()};
  auto publisher = caf::actor_cast<caf::actor>(watcher.in->await<publishing>().at(0).by);
  self->monitor(publisher);
  self->send_exit(publisher, caf::sec::runtime_error);
  self->receive([](const caf::down_msg&) {}, caf::after(patience) >> [] { FAIL("the board did not end"); });
  city.expect<order>(city.command(id, start_preparing{}));
  int stage = 0;
  CHECK(city.ticking_until([&] {
    // Until the shard has heard of the board's end it sends it what happens.
    city.expect<order>(city.command(id, change_stage{std::to_string(++stage)}));
    auto probe = city.open_session();
    bool is_there = city.ask(board, subscribe{probe.actor}).has_value();
    auto seen = is_there ? probe.in->await<city_update>() : std::vector<city_update>{};
    city.close(probe);
    return !seen.empty() && seen[0].orders.size() == 1 && seen[0].restaurants.size() == 1 &&
           seen[0].restaurants[0].id == platform::the_restaurant;
  }));
}

TEST_CASE("a board is told of the open orders after a restart") {
  auto store = make_store();
  {
    platform city{store};
    for (int i = 0; i < 5; ++i) city.searching_order();
  }
  platform city{store};
  CHECK(city.ticking_until([&] {
    std::uint64_t open = 0;
    for (const auto& zone : city.zones().zones) open += zone.open_orders;
    return open == 5;
  }));
}
