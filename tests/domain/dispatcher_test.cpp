#include "actors/domain/dispatch/dispatcher.hpp"

#include <catch2/catch_test_macros.hpp>

#include "protocols/model/limits.hpp"
#include "tests/domain/zone_under_test.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;
using oo = offer_outcome;

TEST_CASE("an offer goes to the three nearest at once, under one id") {
  zone_under_test zone;
  zone.line_up(6);
  auto effects = zone.find(1);
  CHECK(offered_to(effects) == partners({1, 2, 3}));
  auto made = offer_in(effects);
  CHECK(made.sent_at == noon);
  CHECK(made.expires_at == noon + 30s);
  CHECK(made.zone == the_zone);
  REQUIRE(made.offered.stops.size() == 1);
  CHECK(made.offered.stops[0].order == nth<order_id>(1));
  CHECK(made.offered.stops[0].address_line == "7, Church Street");
  CHECK(made.offered.pickup == kitchen);
  CHECK(made.offered.pay == minor_units{40'00});
  CHECK(made.offered.ready_by == noon + 12min);
  CHECK_FALSE(made.offered.follows_current);
}

TEST_CASE("the record tells who was asked and why the others were not") {
  zone_under_test zone;
  zone.line_up(5);
  auto made = offer_in(zone.find(1));
  const auto& record = zone.record(1);
  CHECK(record.state == search_state::open);
  CHECK(record.zone == the_zone);
  REQUIRE(record.waves.size() == 1);
  CHECK(record.waves[0].number == 1);
  CHECK(record.waves[0].offer == made.id);
  CHECK(record.waves[0].radius_m == metres{3000});
  CHECK(zone.outcomes(1, 0) ==
        std::map<partner_id, oo>{
            {nth<partner_id>(1), oo::pending}, {nth<partner_id>(2), oo::pending}, {nth<partner_id>(3), oo::pending}});
  CHECK(zone.passed(1, 0) == std::map<partner_id, pass_reason>{{nth<partner_id>(4), pass_reason::not_needed},
                                                               {nth<partner_id>(5), pass_reason::not_needed}});
}

TEST_CASE("when nobody answers, the next wave asks others in a wider circle") {
  zone_under_test zone;
  zone.line_up(3);
  zone.dispatch.seen(seen_at(4, 5000), noon);
  zone.dispatch.seen(seen_at(5, 9000), noon);
  auto first = offer_in(zone.find(1));
  CHECK(zone.after(30s - 1us).empty());
  auto effects = zone.after(1us);
  CHECK(taken_back(effects) == std::map<partner_id, withdrawal>{{nth<partner_id>(1), withdrawal::expired},
                                                                {nth<partner_id>(2), withdrawal::expired},
                                                                {nth<partner_id>(3), withdrawal::expired}});
  CHECK(offered_to(effects) == partners({4}));
  CHECK(offer_in(effects).id != first.id);
  CHECK(zone.outcomes(1, 0).at(nth<partner_id>(1)) == oo::expired);
  CHECK(zone.passed(1, 1).at(nth<partner_id>(1)) == pass_reason::asked_before);
  CHECK(zone.record(1).waves.at(1).radius_m.value > 5000);
}

TEST_CASE("one who declines leaves the offer to the others; when all have, the next wave begins at once") {
  zone_under_test zone;
  zone.line_up(6);
  auto made = offer_in(zone.find(1));
  CHECK(zone.answer(made.id, 1, oo::declined).empty());
  CHECK(zone.answer(made.id, 2, oo::refused).empty());
  auto effects = zone.answer(made.id, 3, oo::declined);
  CHECK(offered_to(effects) == partners({4, 5, 6}));
  CHECK(taken_back(effects).empty());
  CHECK(zone.outcomes(1, 0).at(nth<partner_id>(2)) == oo::refused);
}

TEST_CASE("who declined an order is never asked for it again, but for others") {
  zone_under_test zone;
  zone.line_up(1);
  auto made = offer_in(zone.find(1));
  zone.answer(made.id, 1, oo::declined);
  for (int i = 0; i < 50; ++i) CHECK(offered_to(zone.after(30s)).empty());
  CHECK(zone.passed(1, zone.record(1).waves.size() - 1).at(nth<partner_id>(1)) == pass_reason::declined_before);
  CHECK(offered_to(zone.find(2)) == partners({1}));
}

TEST_CASE("who gave an order back is not asked for it again") {
  zone_under_test zone;
  zone.line_up(4);
  auto again = wanted(1);
  again.not_to = partners({1, 3});
  CHECK(offered_to(zone.dispatch.find(again, noon)) == partners({2, 4}));
}

TEST_CASE("an answer of somebody who was not asked, or that comes twice, changes nothing") {
  zone_under_test zone;
  zone.line_up(4);
  auto made = offer_in(zone.find(1));
  CHECK(zone.answer(made.id, 4, oo::declined).empty());
  zone.answer(made.id, 1, oo::declined);
  zone.answer(made.id, 1, oo::withdrawn);
  CHECK(zone.outcomes(1, 0).at(nth<partner_id>(1)) == oo::declined);
  CHECK(zone.answer(nth<offer_id>(99), 1, oo::declined).empty());
}

TEST_CASE("a search that finds nobody tries every circle, pauses, and starts over") {
  zone_under_test zone;
  CHECK(zone.find(1).empty());
  REQUIRE(zone.record(1).waves.size() == 4);
  CHECK(zone.record(1).waves.front().radius_m == metres{3000});
  CHECK(zone.record(1).waves.back().radius_m == metres{10'000});
  zone.line_up(1);
  CHECK(zone.after(30s - 1us).empty());
  CHECK(offered_to(zone.after(1us)) == partners({1}));
}

TEST_CASE("after the last wave those asked before are asked again") {
  zone_under_test zone;
  zone.line_up(2);
  REQUIRE(offered_to(zone.find(1)) == partners({1, 2}));
  zone.after(30s);  // expired; the wider circles hold nobody else
  CHECK(zone.after(29s).empty());
  CHECK(offered_to(zone.after(1s)) == partners({1, 2}));
}

TEST_CASE("whoever comes online gets the offers open nearby, up to the bound") {
  zone_under_test zone;
  zone.line_up(3);
  auto made = offer_in(zone.find(1));
  auto first = zone.dispatch.seen(seen_at(4, 2900), zone.now);
  CHECK(offered_to(first) == partners({4}));
  CHECK(offer_in(first).id == made.id);
  CHECK(offered_to(zone.dispatch.seen(seen_at(5, 10), zone.now)) == partners({5}));
  CHECK(zone.dispatch.seen(seen_at(6, 10), zone.now).empty());
  CHECK(zone.outcomes(1, 0).size() == 5);
}

TEST_CASE("who comes online too far away, busy, or having declined gets no open offer") {
  zone_under_test zone;
  zone.line_up(2);
  auto made = offer_in(zone.find(1));
  CHECK(zone.dispatch.seen(seen_at(3, 3100), zone.now).empty());
  CHECK(zone.dispatch.seen(seen_at(4, 10, false), zone.now).empty());
  zone.answer(made.id, 1, oo::declined);
  zone.dispatch.left(nth<partner_id>(1), zone.now);
  CHECK(zone.dispatch.seen(seen_at(1, 10), zone.now).empty());
  // Moving about is not coming online.
  CHECK(zone.dispatch.seen(seen_at(3, 100), zone.now).empty());
}

TEST_CASE("whose shift ends before the food is ready gets no open offer by coming online") {
  zone_under_test zone;
  zone.line_up(1);
  zone.find(1);
  auto leaves_soon = seen_at(2, 10);
  leaves_soon.shift_ends_at = noon + 11min;
  CHECK(zone.dispatch.seen(leaves_soon, zone.now).empty());
}

TEST_CASE("who has finished a delivery gets the open offers too") {
  zone_under_test zone;
  zone.line_up(1);
  zone.dispatch.seen(seen_at(2, 10, false), zone.now);
  zone.find(1);
  CHECK(offered_to(zone.dispatch.seen(seen_at(2, 10, true), zone.now)) == partners({2}));
}

TEST_CASE("who goes offline loses the offers, and the last one to go starts the next wave") {
  zone_under_test zone;
  zone.line_up(2);
  zone.dispatch.seen(seen_at(3, 4000), zone.now);
  zone.find(1);
  CHECK(zone.dispatch.left(nth<partner_id>(1), zone.now).empty());
  CHECK(zone.outcomes(1, 0).at(nth<partner_id>(1)) == oo::withdrawn);
  CHECK(offered_to(zone.dispatch.left(nth<partner_id>(2), zone.now)) == partners({3}));
}

TEST_CASE("a partner whose actor starts anew has lost the offers it held, and is asked again at once") {
  zone_under_test zone;
  zone.line_up(1);
  zone.find(1);
  auto again = seen_at(1, 0);
  CHECK(zone.dispatch.seen(again, zone.now).empty());
  again.incarnation = 7;
  CHECK(offered_to(zone.dispatch.seen(again, zone.now)) == partners({1}));
  CHECK(zone.outcomes(1, 0).at(nth<partner_id>(1)) == oo::withdrawn);
}

TEST_CASE("an offer that others still hold goes again to a partner whose actor starts anew") {
  zone_under_test zone;
  zone.line_up(2);
  auto offer = offer_in(zone.find(1)).id;
  auto again = seen_at(1, 0);
  again.incarnation = 7;
  auto effects = zone.dispatch.seen(again, zone.now);
  CHECK(offered_to(effects) == partners({1}));
  CHECK(offer_in(effects).id == offer);
}

TEST_CASE("when one takes it, it is taken back from the others, and the record names the winner") {
  zone_under_test zone;
  zone.line_up(3);
  zone.find(1);
  auto effects = zone.dispatch.end(nth<order_id>(1), nth<partner_id>(2), zone.now);
  CHECK(offered_to(effects).empty());
  CHECK(taken_back(effects) == std::map<partner_id, withdrawal>{
                                   {nth<partner_id>(1), withdrawal::taken}, {nth<partner_id>(3), withdrawal::taken}});
  const auto& record = zone.record(1);
  CHECK(record.state == search_state::taken);
  CHECK(record.partner == nth<partner_id>(2));
  CHECK(zone.outcomes(1, 0) == std::map<partner_id, oo>{{nth<partner_id>(1), oo::withdrawn},
                                                        {nth<partner_id>(2), oo::accepted},
                                                        {nth<partner_id>(3), oo::withdrawn}});
  CHECK(zone.dispatch.state().searches.empty());
}

TEST_CASE("a cancelled search is taken back from everybody") {
  zone_under_test zone;
  zone.line_up(2);
  zone.find(1);
  auto effects = zone.dispatch.end(nth<order_id>(1), {}, zone.now);
  CHECK(taken_back(effects) == std::map<partner_id, withdrawal>{{nth<partner_id>(1), withdrawal::cancelled},
                                                                {nth<partner_id>(2), withdrawal::cancelled}});
  CHECK(zone.record(1).state == search_state::ended);
  CHECK_FALSE(zone.record(1).partner);
  CHECK(zone.after(10min).empty());
}

TEST_CASE("a reminder of a search under way changes nothing") {
  zone_under_test zone;
  zone.line_up(6);
  zone.find(1);
  CHECK(zone.find(1).empty());
  CHECK(zone.record(1).waves.size() == 1);
}

TEST_CASE("an order given back is searched for again under one record") {
  zone_under_test zone;
  zone.line_up(3);
  zone.find(1);
  zone.dispatch.end(nth<order_id>(1), nth<partner_id>(1), zone.now);
  auto again = wanted(1, noon + 5min);
  again.not_to = partners({1});
  zone.now = noon + 5min;
  CHECK(offered_to(zone.dispatch.find(again, zone.now)) == partners({2, 3}));
  const auto& record = zone.record(1);
  CHECK(record.state == search_state::open);
  CHECK_FALSE(record.partner);
  CHECK(record.started_at == noon);
  REQUIRE(record.waves.size() == 2);
  CHECK(record.waves[1].number == 2);
}

TEST_CASE("who declined an order is not asked for it when it is given back either") {
  zone_under_test zone;
  zone.line_up(3);
  auto made = offer_in(zone.find(1));
  zone.answer(made.id, 2, oo::declined);
  zone.dispatch.end(nth<order_id>(1), nth<partner_id>(1), zone.now);
  auto again = wanted(1);
  again.not_to = partners({1});
  CHECK(offered_to(zone.dispatch.find(again, zone.now)) == partners({3}));
}

TEST_CASE("a search that was ended and begins again keeps its record however many end after it") {
  zone_under_test zone;
  zone.find(1);
  zone.dispatch.end(nth<order_id>(1), {}, zone.now);
  zone.find(1);
  for (std::uint64_t i = 2; i < 10'010; ++i) {
    zone.find(i);
    zone.dispatch.end(nth<order_id>(i), {}, zone.now);
  }
  REQUIRE(zone.dispatch.record(nth<order_id>(1)));
  zone.line_up(1);
  CHECK(offered_to(zone.after(1min)) == partners({1}));
}

TEST_CASE("the records of searches long ended are forgotten") {
  zone_under_test zone;
  for (std::uint64_t i = 1; i <= 10'001; ++i) {
    zone.find(i);
    zone.dispatch.end(nth<order_id>(i), {}, zone.now);
  }
  CHECK_FALSE(zone.dispatch.record(nth<order_id>(1)));
  CHECK(zone.dispatch.record(nth<order_id>(2)));
  CHECK(zone.dispatch.record(nth<order_id>(10'001)));
}

TEST_CASE("a search that its order tells of no more is over, and its offer is withdrawn") {
  zone_under_test zone;
  zone.line_up(3);
  zone.find(1);
  zone.find(2);
  dispatch_effects effects;
  for (std::size_t i = 0; i <= limits::missed_reminders; ++i) {
    CHECK(taken_back(effects).empty());
    CHECK(zone.record(1).state == search_state::open);
    effects = zone.dispatch.sweep(zone.now);
    zone.find(2);  // this one is told of again each time
  }
  CHECK(taken_back(effects).size() == 3);
  CHECK(zone.record(1).state == search_state::ended);
  CHECK(zone.record(2).state == search_state::open);
  CHECK(zone.dispatch.state().searches.size() == 1);
}

TEST_CASE("a search ends at the latest when its time is over") {
  zone_under_test zone;
  zone.find(1);
  auto until = wanted(1, zone.now).search_until;
  zone.dispatch.sweep(instant{until.micros - 1});
  CHECK(zone.record(1).state == search_state::open);
  zone.dispatch.sweep(until);
  CHECK(zone.record(1).state == search_state::ended);
}

TEST_CASE("a search keeps its latest waves only, numbered on") {
  zone_under_test zone;
  zone.line_up(1);
  zone.find(1);
  for (int i = 0; i < 200; ++i) zone.after(30s);
  const auto& waves = zone.record(1).waves;
  CHECK(waves.size() == limits::waves_remembered);
  CHECK(waves.back().number > 100);
  for (std::size_t i = 1; i < waves.size(); ++i) CHECK(waves[i].number == waves[i - 1].number + 1);
}

TEST_CASE("an award of an offer that has just expired still ends the search") {
  zone_under_test zone;
  zone.line_up(6);
  zone.find(1);
  REQUIRE(offered_to(zone.after(30s)) == partners({4, 5, 6}));
  auto effects = zone.dispatch.end(nth<order_id>(1), nth<partner_id>(1), zone.now);
  CHECK(taken_back(effects).size() == 3);
  CHECK(zone.record(1).partner == nth<partner_id>(1));
}

TEST_CASE("the end of a search nobody knows is no matter") {
  zone_under_test zone;
  CHECK(zone.dispatch.end(nth<order_id>(1), nth<partner_id>(1), zone.now).empty());
  CHECK_FALSE(zone.dispatch.record(nth<order_id>(1)));
}
