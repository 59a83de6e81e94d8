#include <catch2/catch_test_macros.hpp>

#include "protocols/model/limits.hpp"
#include "tests/domain/zone_under_test.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;

TEST_CASE("circles grow from the first radius to the last in equal steps") {
  dispatch_terms terms;
  terms.first_radius = {1000};
  terms.last_radius = {10'000};
  terms.waves = 4;
  CHECK(wave_radius(0, terms) == metres{1000});
  CHECK(wave_radius(1, terms) == metres{4000});
  CHECK(wave_radius(3, terms) == metres{10'000});
  CHECK(wave_radius(9, terms) == metres{10'000});
  terms.waves = 1;
  CHECK(wave_radius(0, terms) == metres{10'000});
}

TEST_CASE("who is busy, leaves too early or holds enough offers is passed over for that reason") {
  zone_under_test zone;
  zone.dispatch.seen(seen_at(1, 100, false), noon);
  auto leaves = seen_at(2, 200);
  leaves.shift_ends_at = noon + 11min;  // the food is ready a minute later
  zone.dispatch.seen(leaves, noon);
  auto holds_enough = seen_at(3, 300);
  holds_enough.open_offers = limits::open_offers_per_partner;
  zone.dispatch.seen(holds_enough, noon);
  auto stays = seen_at(4, 400);
  stays.shift_ends_at = noon + 12min;
  zone.dispatch.seen(stays, noon);
  CHECK(offered_to(zone.find(1)) == partners({4}));
  CHECK(zone.passed(1, 0) == std::map<partner_id, pass_reason>{{nth<partner_id>(1), pass_reason::busy},
                                                               {nth<partner_id>(2), pass_reason::shift_ends},
                                                               {nth<partner_id>(3), pass_reason::too_many_offers}});
}

TEST_CASE("a busy partner beside the restaurant does not hide idle ones farther away") {
  dispatch_terms terms;
  zone_under_test zone{terms};
  for (std::uint64_t i = 1; i <= 100; ++i) zone.dispatch.seen(seen_at(i, 1, false), noon);
  zone.dispatch.seen(seen_at(200, 2500), noon);
  CHECK(offered_to(zone.find(1)) == partners({200}));
  CHECK(zone.record(1).waves[0].passed.size() <= 12);
}

TEST_CASE("whoever has searched longest asks first") {
  dispatch_terms terms;
  terms.fanout = 1;
  zone_under_test zone{terms};
  zone.dispatch.find(wanted(2, noon - 1min), noon);
  zone.dispatch.find(wanted(1, noon), noon);
  auto last = seen_at(1, 100);
  last.open_offers = limits::open_offers_per_partner - 1;  // room for one
  zone.dispatch.seen(last, noon);
  auto effects = zone.after(30s);
  REQUIRE_FALSE(offered_to(effects).empty());
  CHECK(offer_in(effects).offered.stops[0].order == nth<order_id>(2));
}

TEST_CASE("searches of one moment don't offer a partner more than it can hold") {
  zone_under_test zone;
  for (std::uint64_t order = 1; order <= 2 * limits::open_offers_per_partner; ++order) zone.find(order);
  zone.line_up(1);
  CHECK(offered_to(zone.after(30s)).size() == limits::open_offers_per_partner);
}

TEST_CASE("a thousand partners are asked at once when an operator wants it so") {
  dispatch_terms terms;
  terms.fanout = 1000;
  terms.fanout_max = 1000;
  zone_under_test zone{terms};
  zone.line_up(1200, 2);
  auto effects = zone.find(1);
  CHECK(offered_to(effects).size() == 1000);
  CHECK(zone.record(1).waves[0].asked.size() == 1000);
}
