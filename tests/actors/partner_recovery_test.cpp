/// A partner and its orders agree again, whatever was lost in between.
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

const partner_id who = nth<partner_id>(1);

/// An order the partner has taken.
order_id taken_order(platform& city, session& phone) {
  auto before = phone.in->all<make_offer>().size();
  auto id = city.searching_order();
  REQUIRE(phone.in->await<make_offer>(before + 1).size() > before);
  city.expect<awarded_job>(city.command(who, accept_offer{phone.in->all<make_offer>().back().what.id}));
  return id;
}

/// One that it is on its way with.
order_id fetched_order(platform& city, session& phone) {
  auto id = taken_order(city, phone);
  city.expect<order>(city.command(id, mark_ready{}));
  city.expect<order>(city.command(id, pick_up{who}));
  return id;
}

}  // namespace

TEST_CASE("a partner learns that its delivery ended although the order could not tell") {
  platform city{make_store()};
  auto phone = city.online_partner(who, 100);
  auto id = fetched_order(city, phone);
  city.store().fail_next(ref(id), fault::unknown_written);
  CHECK(city.command(id, deliver{who, "4711"}).error() == errc::outcome_unknown);
  CHECK(city.ticking_until(
      [&] {
        auto answer = city.ask(ref(who), read_state{});
        return answer && std::get<partner>(*answer).active.empty();
      },
      5s));
}

TEST_CASE("offers whose matchmaker is gone do not fill a partner's hands for ever") {
  platform city{make_store()};
  auto phone = city.online_partner(who, 100);
  for (std::size_t i = 0; i < limits::open_offers_per_partner; ++i) city.searching_order();
  REQUIRE(phone.in->await<make_offer>(limits::open_offers_per_partner).size() == limits::open_offers_per_partner);
  city.kill_matchmaker();
  CHECK(city.ticking_until(
      [&] {
        city.report_position(who, north_of(kitchen, 100));
        return phone.in->all<make_offer>().size() > limits::open_offers_per_partner;
      },
      5s));
}

TEST_CASE("a partner's deliveries come back after a restart of the node") {
  auto store = make_store();
  order_id id;
  {
    platform city{store};
    auto phone = city.online_partner(who, 100);
    id = taken_order(city, phone);
  }
  platform city{store};
  auto again = city.read(who);
  REQUIRE(again.active.size() == 1);
  CHECK(again.active[0].order == id);
  CHECK(again.shift == shift_status::online);
  city.expect<order>(city.command(id, mark_ready{}));
  city.expect<order>(city.command(id, pick_up{who}));
  city.expect<order>(city.command(id, deliver{who, "4711"}));
  CHECK(eventually([&] { return city.read(who).active.empty(); }));
}

TEST_CASE("an award whose second half was not written is brought in step") {
  platform city{make_store()};
  auto phone = city.online_partner(who, 100);
  auto id = city.searching_order();
  auto made = phone.in->await<make_offer>();
  REQUIRE(made.size() == 1);
  city.store().fail_next(ref(who), fault::unavailable);
  (void)city.command(who, accept_offer{made[0].what.id});
  CHECK(city.read(id).carried_by->partner == who);
  CHECK(eventually([&] { return city.read(who).active.size() == 1; }));
  // The accept again: it is answered with what was won.
  CHECK(city.expect<awarded_job>(city.command(who, accept_offer{made[0].what.id})).deliveries.size() == 1);
}

TEST_CASE("an award whose second half was lost with the node is brought in step at the next start") {
  auto store = make_store();
  order_id id;
  {
    platform city{store};
    auto phone = city.online_partner(who, 100);
    id = city.searching_order();
    auto made = phone.in->await<make_offer>();
    REQUIRE(made.size() == 1);
    store->interfere([](const append& a) { return a.entity == ref(who) ? fault::unavailable : fault::none; });
    (void)city.command(who, accept_offer{made[0].what.id});
    CHECK(city.read(id).carried_by->partner == who);
  }
  store->interfere({});
  platform city{store};
  CHECK(eventually([&] { return city.read(who).active.size() == 1; }));
}

TEST_CASE("a delivery that ended while the partner could not write it ends for the partner too") {
  platform city{make_store()};
  auto phone = city.online_partner(who, 100);
  auto id = fetched_order(city, phone);
  std::atomic<int> refused = 0;
  city.store().interfere([&](const append& a) {
    return a.entity == ref(who) && ++refused <= 3 ? fault::unavailable : fault::none;
  });
  city.expect<order>(city.command(id, deliver{who, "4711"}));
  CHECK(city.ticking_until([&] { return city.read(who).active.empty(); }, 1s));
  CHECK(refused > 3);
  city.store().interfere({});
}

TEST_CASE("a delivery that ended just before the node died does not keep the partner busy for ever") {
  auto store = make_store();
  order_id id;
  {
    platform city{store};
    auto phone = city.online_partner(who, 100);
    id = fetched_order(city, phone);
    store->interfere([](const append& a) { return a.entity == ref(who) ? fault::unavailable : fault::none; });
    city.expect<order>(city.command(id, deliver{who, "4711"}));
  }
  store->interfere({});
  platform city{store};
  CHECK(city.ticking_until([&] { return city.read(who).active.empty(); }, 1s));
}

TEST_CASE("a cancel right behind an accept leaves the partner with nothing") {
  platform city{make_store()};
  auto phone = city.online_partner(who, 100);
  for (int round = 0; round < 300; ++round) {
    auto id = city.searching_order();
    REQUIRE(city.ticking_until([&] { return phone.in->all<make_offer>().size() > static_cast<std::size_t>(round); }));
    auto made = phone.in->all<make_offer>().back().what;
    auto answers = city.ask_all({city.request(who, accept_offer{made.id}),
                                 city.request(id, cancel_order{{party::support, "", party::platform}})});
    REQUIRE(answers[1]);
    REQUIRE(eventually([&] { return city.read(who).active.empty(); }));
    REQUIRE(city.matchmaker_counts_online(1));
  }
}

TEST_CASE("a partner on another phone: the first is told that it was replaced, offers go to the second") {
  platform city{make_store()};
  auto first = city.online_partner(who, 100);
  city.searching_order();
  REQUIRE(first.in->await<make_offer>().size() == 1);
  auto second = city.open_session();
  city.expect<done>(city.ask(ref(who), attach{second.actor}));
  CHECK(first.in->await<replaced>().size() == 1);
  CHECK(second.in->await<make_offer>().size() == 1);
  // The first one's late goodbye does not hang up the second.
  city.tell(ref(who), detach{first.actor});
  city.close(first);
  city.searching_order();
  CHECK(second.in->await<make_offer>(2).size() == 2);
}

TEST_CASE("the customers of a carried order are told where it is, at most four times a second") {
  platform city{make_store()};
  auto phone = city.online_partner(who, 100);
  auto id = taken_order(city, phone);
  auto customer = city.open_session();
  city.expect<subscribed>(city.ask(ref(id), subscribe{customer.actor}));
  city.advance(1s);
  for (int i = 0; i < 100; ++i) city.report_position(who, north_of(kitchen, i));
  (void)city.read(who);  // behind the reports
  CHECK(customer.in->await<carrier_moved>().size() == 1);
  city.advance(250ms);
  city.report_position(who, north_of(kitchen, 500));
  auto moved = customer.in->await<carrier_moved>(2);
  REQUIRE(moved.size() == 2);
  CHECK(moved[1].where.at == north_of(kitchen, 500));
  CHECK(moved[1].partner == who);
}

TEST_CASE("a partner's own topic tells of shifts and deliveries in sequence") {
  platform city{make_store()};
  auto watcher = city.open_session();
  city.expect<subscribed>(city.ask(ref(who), subscribe{watcher.actor}));
  auto phone = city.online_partner(who, 100);
  auto id = taken_order(city, phone);
  city.expect<order>(city.command(id, cancel_order{{party::support, "", party::platform}}));
  auto news = watcher.in->await<published>(3);
  REQUIRE(news.size() == 3);
  for (std::size_t i = 0; i < news.size(); ++i) CHECK(news[i].seq == i + 1);
  CHECK(type_of(news[0].event) == "partner.went_online");
  CHECK(type_of(news[1].event) == "partner.delivery_assigned");
  CHECK(type_of(news[2].event) == "partner.delivery_ended");
}
