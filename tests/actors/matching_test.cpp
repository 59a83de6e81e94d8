/// Offers, accepts and searches through the actors.
#include <algorithm>
#include <set>

#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

/// A zone with partners 1 to n, 100 m apart.
struct staffed_city {
  explicit staffed_city(std::uint64_t n, platform_options options = {}, double step = 100)
      : city{make_store(), {}, options} {
    for (std::uint64_t i = 1; i <= n; ++i)
      phones.push_back(city.online_partner(nth<partner_id>(i), step * static_cast<double>(i)));
    REQUIRE(city.matchmaker_counts_online(n));
  }

  session& phone(std::uint64_t n) { return phones.at(n - 1); }
  offer offered_to(std::uint64_t n, std::size_t which = 0) {
    auto all = phone(n).in->await<make_offer>(which + 1);
    REQUIRE(all.size() > which);
    return all[which].what;
  }
  result_of<reply> accept(std::uint64_t n, offer_id what, command_meta meta = platform::fresh()) {
    return city.command(nth<partner_id>(n), accept_offer{what}, std::move(meta));
  }

  /// The phone's socket is gone, and the partner's actor knows.
  void hang_up(std::uint64_t n) {
    city.tell(ref(nth<partner_id>(n)), detach{phone(n).actor});
    (void)city.read(nth<partner_id>(n));
  }

  platform city;
  std::vector<session> phones;
};

}  // namespace

TEST_CASE("a partner that came online is offered work without having moved") {
  platform city{make_store()};
  auto who = nth<partner_id>(1);
  auto phone = city.open_session();
  city.expect<done>(city.ask(ref(who), attach{phone.actor}));
  city.expect<partner>(city.command(who, go_online{kitchen, {}}));
  REQUIRE(city.matchmaker_counts_online(1));
  city.searching_order();
  CHECK(phone.in->await<make_offer>().size() == 1);
}

TEST_CASE("the three nearest are told of an offer at once, the others not") {
  staffed_city x{6};
  auto id = x.city.searching_order();
  auto made = x.offered_to(1);
  CHECK(x.offered_to(2).id == made.id);
  CHECK(x.offered_to(3).id == made.id);
  CHECK(made.offered.stops.at(0).order == id);
  for (std::uint64_t n : {4, 5, 6}) CHECK(x.phone(n).in->all<make_offer>().empty());
  auto listed = x.city.expect<open_offers>(x.city.ask(ref(nth<partner_id>(1)), read_offers{}));
  REQUIRE(listed.offers.size() == 1);
  CHECK(listed.offers[0].id == made.id);
}

TEST_CASE("the first accept wins; the others are told that it was taken, and so is a late accept") {
  staffed_city x{3};
  auto id = x.city.searching_order();
  auto made = x.offered_to(1);
  (void)x.offered_to(2);
  (void)x.offered_to(3);
  auto won = x.city.expect<awarded_job>(x.accept(2, made.id));
  CHECK(won.offer == made.id);
  for (std::uint64_t n : {1, 3}) {
    auto withdrawn = x.phone(n).in->await<withdraw_offer>();
    REQUIRE(withdrawn.size() == 1);
    CHECK(withdrawn[0].what == made.id);
    CHECK(withdrawn[0].why == withdrawal::taken);
    CHECK(x.accept(n, made.id).error() == errc::offer_no_longer_available);
  }
  CHECK(x.phone(2).in->all<withdraw_offer>().empty());
  auto record = x.city.read_search_of(id);
  CHECK(record.state == search_state::taken);
  CHECK(record.partner == nth<partner_id>(2));
}

TEST_CASE("an accept repeated under its id is answered as the first time") {
  staffed_city x{1};
  x.city.searching_order();
  auto made = x.offered_to(1);
  auto meta = platform::fresh();
  for (int i = 0; i < 3; ++i) CHECK(x.city.expect<awarded_job>(x.accept(1, made.id, meta)).deliveries.size() == 1);
  CHECK(x.city.store().count(ref(nth<partner_id>(1)), "partner.delivery_assigned") == 1);
}

TEST_CASE("an offer nobody was made can't be accepted or declined") {
  staffed_city x{1};
  CHECK(x.accept(1, nth<offer_id>(77)).error() == errc::offer_no_longer_available);
  CHECK(x.city.command(nth<partner_id>(1), decline_offer{nth<offer_id>(77), ""}).error() ==
        errc::offer_no_longer_available);
}

TEST_CASE("an offer can't be accepted after it expired, and others are asked then") {
  staffed_city x{4};
  x.city.searching_order();
  auto made = x.offered_to(1);
  (void)x.offered_to(2);
  (void)x.city.read(nth<partner_id>(2));  // it has done with the offer, and won't drop it by itself
  x.city.advance(30s);
  CHECK(x.accept(1, made.id).error() == errc::offer_no_longer_available);
  auto withdrawn = x.phone(2).in->await<withdraw_offer>();
  REQUIRE(withdrawn.size() == 1);
  CHECK(withdrawn[0].why == withdrawal::expired);
  CHECK(x.offered_to(4).id != made.id);
}

TEST_CASE("when all three decline others are asked, and a decline is final for that order") {
  staffed_city x{4};
  auto id = x.city.searching_order();
  auto made = x.offered_to(1);
  for (std::uint64_t n : {1, 2, 3}) {
    (void)x.offered_to(n);
    x.city.expect<awarded_job>(x.city.command(nth<partner_id>(n), decline_offer{made.id, "too far"}));
    CHECK(x.accept(n, made.id).error() == errc::offer_no_longer_available);
  }
  (void)x.offered_to(4);
  auto record = x.city.read_search_of(id);
  REQUIRE_FALSE(record.waves.empty());
  for (const auto& asked : record.waves[0].asked) CHECK(asked.outcome == offer_outcome::declined);
}

TEST_CASE("going offline withdraws the offers and keeps the deliveries") {
  staffed_city x{4};
  x.city.searching_order();
  auto made = x.offered_to(1);
  x.city.expect<awarded_job>(x.accept(1, made.id));
  auto second = x.city.searching_order();
  auto next = x.offered_to(2, 1);
  x.city.expect<partner>(x.city.command(nth<partner_id>(2), go_offline{}));
  auto withdrawn = x.phone(2).in->await<withdraw_offer>(2);
  REQUIRE(withdrawn.size() == 2);
  CHECK(withdrawn[1].why == withdrawal::offline);
  CHECK(x.accept(2, next.id).error() == errc::offer_no_longer_available);
  auto off = x.city.expect<partner>(x.city.command(nth<partner_id>(1), go_offline{}));
  CHECK(off.active.size() == 1);
  CHECK(eventually([&] {
    auto record = x.city.read_search_of(second);
    return std::ranges::any_of(record.waves[0].asked, [](const asked_partner& a) {
      return a.partner == nth<partner_id>(2) && a.outcome == offer_outcome::withdrawn;
    });
  }));
}

TEST_CASE("who comes online while an offer is out gets it too, up to five") {
  staffed_city x{3};
  x.city.searching_order();
  auto made = x.offered_to(1);
  for (std::uint64_t n : {4, 5, 6}) x.phones.push_back(x.city.online_partner(nth<partner_id>(n), 50));
  CHECK(x.offered_to(4).id == made.id);
  CHECK(x.offered_to(5).id == made.id);
  REQUIRE(x.city.matchmaker_counts_online(6));
  CHECK(x.phone(6).in->all<make_offer>().empty());
}

TEST_CASE("who delivers is not asked, and is asked again after the door") {
  staffed_city x{1};
  auto who = nth<partner_id>(1);
  auto id = x.city.searching_order();
  x.city.expect<awarded_job>(x.accept(1, x.offered_to(1).id));
  auto second = x.city.searching_order();
  REQUIRE(x.city.ticking_until([&] {
    auto answer = x.city.ask(matchmaker_ref(zone_at(kitchen)), read_search{second});
    return answer && !std::get<search_record>(*answer).waves.empty();
  }));
  CHECK(x.city.read_search_of(second).waves.back().passed.at(0).reason == pass_reason::busy);
  x.city.expect<order>(x.city.command(id, mark_ready{}));
  x.city.expect<order>(x.city.command(id, pick_up{who}));
  x.city.expect<order>(x.city.command(id, deliver{who, "4711"}));
  // It stands at the door and does not move; the matchmaker must hear that it is idle all the same.
  REQUIRE(eventually([&] { return x.city.read(who).active.empty(); }));
  CHECK(x.city.ticking_until([&] { return x.phone(1).in->all<make_offer>().size() >= 2; }, 100ms));
}

TEST_CASE("who lost a race is asked for the next order at once") {
  staffed_city x{2};
  auto id = x.city.searching_order();
  auto made = x.offered_to(1);
  (void)x.offered_to(2);
  // The accept reaches an order that has just been cancelled.
  x.city.tell(ref(id), order_request{platform::fresh(), id, cancel_order{{party::support, "", party::platform}}});
  auto answer = x.accept(1, made.id);
  CHECK_FALSE(answer);
  x.city.searching_order();
  (void)x.offered_to(1, 1);
}

TEST_CASE("an order given back goes to somebody else") {
  staffed_city x{2};
  auto id = x.city.searching_order();
  auto first = nth<partner_id>(1);
  x.city.expect<awarded_job>(x.accept(1, x.offered_to(1).id));
  x.city.expect<order>(x.city.command(id, release_order{first, "flat tyre"}));
  REQUIRE(eventually([&] { return x.city.read(first).active.empty(); }));
  REQUIRE(x.city.ticking_until([&] { return x.phone(2).in->all<make_offer>().size() >= 2; }, 100ms));
  CHECK(x.phone(1).in->all<make_offer>().size() == 1);
  x.city.expect<awarded_job>(x.accept(2, x.offered_to(2, 1).id));
  CHECK(x.city.read(id).carried_by->partner == nth<partner_id>(2));
}

TEST_CASE("a partner that falls silent loses what it has not picked up, and somebody else is found") {
  staffed_city x{2};
  auto id = x.city.searching_order();
  auto silent = nth<partner_id>(1);
  x.city.expect<awarded_job>(x.accept(1, x.offered_to(1).id));
  x.hang_up(1);
  x.city.advance(89s);
  CHECK(x.city.read(id).carried_by->partner == silent);
  x.city.report_position(nth<partner_id>(2), north_of(kitchen, 150));
  x.city.advance(2s);
  CHECK(x.city.ticking_until([&] { return x.city.read(id).delivery == delivery_status::searching; }));
  CHECK(x.city.read(id).gave_back == std::vector{silent});
  CHECK(x.city.ticking_until([&] { return x.phone(2).in->all<make_offer>().size() >= 2; }, 100ms));
  CHECK(x.city.ticking_until([&] { return x.city.read(silent).active.empty(); }));
}

TEST_CASE("a phone that followed its partner for a while is missed when it is gone, as any other") {
  staffed_city x{2};
  auto id = x.city.searching_order();
  auto who = nth<partner_id>(1);
  x.city.expect<awarded_job>(x.accept(1, x.offered_to(1).id));
  x.city.expect<subscribed>(x.city.ask(ref(who), subscribe{x.phone(1).actor}));
  x.city.tell(ref(who), unsubscribe{x.phone(1).actor});
  (void)x.city.read(who);
  x.city.close(x.phone(1));
  (void)x.city.read(who);
  x.city.advance(91s);
  CHECK(x.city.ticking_until([&] { return x.city.read(id).delivery == delivery_status::searching; }));
}

TEST_CASE("what a silent partner has picked up stays with it") {
  staffed_city x{1};
  auto id = x.city.searching_order();
  auto who = nth<partner_id>(1);
  x.city.expect<awarded_job>(x.accept(1, x.offered_to(1).id));
  x.city.expect<order>(x.city.command(id, mark_ready{}));
  x.city.expect<order>(x.city.command(id, pick_up{who}));
  x.hang_up(1);
  for (int i = 0; i < 10; ++i) x.city.advance(60s);
  (void)x.city.read(who);
  CHECK(x.city.read(id).status == order_status::out_for_delivery);
  x.city.expect<order>(x.city.command(id, deliver{who, "4711"}));
}

TEST_CASE("a silent partner's order is released although the store was away at first") {
  staffed_city x{1};
  auto id = x.city.searching_order();
  x.city.expect<awarded_job>(x.accept(1, x.offered_to(1).id));
  std::atomic<int> refused = 0;
  x.city.store().interfere([&](const append& a) {
    return a.entity == ref(id) && ++refused <= 1 ? fault::unavailable : fault::none;
  });
  x.hang_up(1);
  x.city.advance(91s);
  REQUIRE(x.city.ticking_until([&] { return refused >= 1; }));
  CHECK(x.city.ticking_until([&] { return x.city.read(id).delivery == delivery_status::searching; }, 10s));
  x.city.store().interfere({});
}

TEST_CASE("a partner heard of again and silent again is noticed again") {
  staffed_city x{2};
  auto who = nth<partner_id>(1);
  x.hang_up(1);
  x.city.advance(91s);
  REQUIRE(x.city.matchmaker_counts_online(1));
  x.city.report_position(who, kitchen);
  REQUIRE(x.city.matchmaker_counts_online(2));
  x.city.advance(91s);
  CHECK(x.city.matchmaker_counts_online(1));
}

TEST_CASE("a matchmaker that starts anew learns of searches and of partners, and goes on") {
  staffed_city x{3};
  auto id = x.city.searching_order();
  auto before = x.offered_to(1);
  x.city.kill_matchmaker();
  for (std::uint64_t n : {1, 2, 3}) x.city.report_position(nth<partner_id>(n), north_of(kitchen, 100));
  REQUIRE(x.city.ticking_until([&] { return x.phone(1).in->all<make_offer>().size() >= 2; }, 100ms));
  auto made = x.offered_to(1, 1);
  CHECK(made.id != before.id);
  CHECK(made.offered.stops.at(0).order == id);
  x.city.expect<awarded_job>(x.accept(1, made.id));
}

TEST_CASE("a search ends although its order could not tell of its own end") {
  staffed_city x{3};
  auto id = x.city.searching_order();
  REQUIRE_FALSE(x.phone(1).in->await<make_offer>().empty());
  x.city.store().fail_next(ref(id), fault::unknown_written);
  auto cancelled = x.city.command(id, cancel_order{{party::customer, "", party::customer}});
  REQUIRE(cancelled.error() == errc::outcome_unknown);
  CHECK(x.city.ticking_until([&] { return x.city.read_search_of(id).state == search_state::ended; }, 5s));
  CHECK_FALSE(x.phone(1).in->await<withdraw_offer>().empty());
}

TEST_CASE("partners that stand still are known to a matchmaker that starts anew") {
  staffed_city x{3};
  x.city.kill_matchmaker();
  x.city.searching_order();
  CHECK(x.city.ticking_until([&] { return !x.phone(1).in->all<make_offer>().empty(); }, 1s));
}

TEST_CASE("an accept of an offer whose matchmaker is gone still wins") {
  staffed_city x{1};
  auto id = x.city.searching_order();
  auto made = x.offered_to(1);
  x.city.kill_matchmaker();
  x.city.expect<awarded_job>(x.accept(1, made.id));
  CHECK(x.city.read(id).carried_by->partner == nth<partner_id>(1));
}

TEST_CASE("a job of two orders is taken whole, into two slots, in drop-off sequence") {
  platform city{make_store()};
  auto who = nth<partner_id>(1);
  auto phone = city.open_session();
  city.expect<done>(city.ask(ref(who), attach{phone.actor}));
  city.expect<partner>(city.command(who, go_online{{}, {}}));
  auto first = city.searching_order();
  auto second = city.searching_order();
  auto third = city.searching_order();
  offer made;
  made.id = nth<offer_id>(5);
  made.offered.stops = {{second, kitchen, "b"}, {first, kitchen, "a"}, {third, kitchen, "c"}};
  made.expires_at = city.now() + 1min;
  made.zone = zone_at(kitchen);
  city.expect<done>(city.ask(ref(who), make_offer{made}));
  // One of them is cancelled meanwhile: the rest is won.
  city.expect<order>(city.command(third, cancel_order{{party::customer, "", party::customer}}));
  auto won = city.expect<awarded_job>(city.command(who, accept_offer{made.id}));
  REQUIRE(won.deliveries.size() == 2);
  CHECK(won.deliveries[0].order == second);
  CHECK(won.deliveries[0].sequence == 0);
  CHECK(won.deliveries[1].order == first);
  CHECK(won.deliveries[0].slot != won.deliveries[1].slot);
  CHECK(city.store().active_assignments() == 2);
}

TEST_CASE("a thousand partners accept one offer at once: one winner, the rest told that it is gone") {
  platform_options options;
  options.dispatch.fanout = 1000;
  options.dispatch.fanout_max = 1000;
  options.shards = 16;
  platform city{make_store(16), {}, options};
  std::vector<session> phones;
  for (std::uint64_t n = 1; n <= 1000; ++n)
    phones.push_back(city.online_partner(nth<partner_id>(n), static_cast<double>(n)));
  REQUIRE(city.matchmaker_counts_online(1000));
  auto id = city.searching_order();
  for (auto& phone : phones) REQUIRE(phone.in->await<make_offer>().size() == 1);
  auto made = phones.front().in->all<make_offer>().front().what;
  std::vector<std::pair<entity_ref, routed>> accepts;
  for (std::uint64_t n = 1; n <= 1000; ++n) accepts.push_back(city.request(nth<partner_id>(n), accept_offer{made.id}));
  std::size_t winners = 0;
  std::size_t refused = 0;
  for (auto& answer : city.ask_all(std::move(accepts))) {
    winners += answer.has_value();
    refused += !answer && answer.error() == errc::offer_no_longer_available;
  }
  CHECK(winners == 1);
  CHECK(refused == 999);
  CHECK(city.store().count(ref(id), "order.partner_assigned") == 1);
  CHECK(city.store().active_assignments() == 1);
}
