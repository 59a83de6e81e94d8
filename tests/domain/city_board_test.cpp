#include "actors/domain/city_board.hpp"

#include <rapidcheck.h>
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <map>
#include <set>

#include "tests/domain/order_script.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;
using Catch::Matchers::WithinAbs;
using os = order_status;
using ds = delivery_status;

namespace {

constexpr zone_id zone{0x3bae000000000000};

order nth_order(std::uint64_t n, os status, ds delivery, std::uint64_t partner = the_carrier) {
  auto out = order_in(status, delivery);
  out.id = nth<order_id>(n);
  if (out.carried_by) out.carried_by->partner = nth<partner_id>(partner);
  return out;
}

/// The map as a page keeps it: a snapshot, then deltas.
struct page {
  std::map<restaurant_id, restaurant_status> restaurants;
  std::map<partner_id, std::pair<geo_point, partner_activity>> partners;
  std::map<order_id, std::pair<os, ds>> orders;
  city_counters counters;

  void take(const city_update& x) {
    if (x.snapshot) *this = {};
    counters = x.counters;
    for (const auto& r : x.restaurants) restaurants[r.id] = r.status;
    for (const auto& p : x.partners) {
      if (p.activity == partner_activity::offline)
        partners.erase(p.id);
      else
        partners[p.id] = {p.at, p.activity};
    }
    for (const auto& o : x.orders) {
      if (o.ended_at)
        orders.erase(o.id);
      else
        orders[o.id] = {o.status, o.delivery};
    }
  }
};

auto numbers(const city_counters& x) {
  return std::tuple{x.open,      x.searching, x.preparing,     x.out_for_delivery, x.delivered,
                    x.cancelled, x.rejected,  x.undeliverable, x.partners_online,  x.partners_busy};
}

partner_activity activity(const city_update& x, std::uint64_t partner) {
  auto found = std::ranges::find(x.partners, nth<partner_id>(partner), &city_partner::id);
  REQUIRE(found != x.partners.end());
  return found->activity;
}

}  // namespace

TEST_CASE("a partner is shown doing what its order says, and idle after it") {
  city_board board{zone};
  board.see(partners_moved{{{nth<partner_id>(5), kitchen}}, {}});
  auto now_doing = [&] { return activity(board.snapshot(noon), 5); };
  CHECK(now_doing() == partner_activity::idle);
  board.see(nth_order(1, os::accepted, ds::assigned), true);
  CHECK(now_doing() == partner_activity::to_restaurant);
  board.see(nth_order(1, os::ready_for_pickup, ds::at_restaurant), true);
  CHECK(now_doing() == partner_activity::at_restaurant);
  board.see(nth_order(1, os::out_for_delivery, ds::picked_up), true);
  CHECK(now_doing() == partner_activity::to_customer);
  board.see(nth_order(1, os::delivered, ds::delivered), true);
  CHECK(now_doing() == partner_activity::idle);
}

TEST_CASE("an order that changes hands frees the first partner on the map") {
  city_board board{zone};
  board.see(partners_moved{{{nth<partner_id>(5), kitchen}, {nth<partner_id>(6), kitchen}}, {}});
  board.see(nth_order(1, os::accepted, ds::assigned, 5), true);
  board.see(nth_order(1, os::accepted, ds::searching), true);
  CHECK(activity(board.snapshot(noon), 5) == partner_activity::idle);
  board.see(nth_order(1, os::accepted, ds::assigned, 6), true);
  CHECK(activity(board.snapshot(noon), 6) == partner_activity::to_restaurant);
  CHECK(board.snapshot(noon).counters.partners_busy == 1);
}

TEST_CASE("a delta holds what changed, an ended order once") {
  city_board board{zone};
  board.see(nth_order(1, os::accepted, ds::searching), true);
  board.see(nth_order(2, os::accepted, ds::searching), true);
  REQUIRE(board.take_changes(noon));
  CHECK_FALSE(board.take_changes(noon));
  board.see(nth_order(1, os::cancelled, ds::failed), true);
  auto delta = board.take_changes(noon);
  REQUIRE(delta);
  CHECK_FALSE(delta->snapshot);
  REQUIRE(delta->orders.size() == 1);
  CHECK(delta->orders[0].status == os::cancelled);
  CHECK(delta->orders[0].ended_at);
  CHECK(delta->counters.cancelled == 1);
  CHECK_FALSE(board.take_changes(noon));
  CHECK(board.snapshot(noon).orders.size() == 1);
}

TEST_CASE("a partner that left is told once as offline") {
  city_board board{zone};
  board.see(partners_moved{{{nth<partner_id>(5), kitchen}}, {}});
  REQUIRE(board.take_changes(noon));
  board.see(partners_moved{{}, {nth<partner_id>(5), nth<partner_id>(6)}});
  auto delta = board.take_changes(noon);
  REQUIRE(delta);
  REQUIRE(delta->partners.size() == 1);
  CHECK(delta->partners[0].activity == partner_activity::offline);
  CHECK(board.info().partners_online == 0);
}

TEST_CASE("an order that was only loaded is shown, but not counted when it had ended before") {
  city_board board{zone};
  board.see(nth_order(1, os::delivered, ds::delivered), false);
  board.see(nth_order(2, os::out_for_delivery, ds::picked_up), false);
  auto shown = board.snapshot(noon);
  CHECK(shown.counters.delivered == 0);
  CHECK(shown.counters.out_for_delivery == 1);
  CHECK(shown.orders.size() == 1);
}

TEST_CASE("click to door is the mean and the 90th percentile of the delivered") {
  city_board board{zone};
  for (std::uint64_t i = 1; i <= 10; ++i) {
    auto x = nth_order(i, os::delivered, ds::delivered);
    x.ended_at = x.placed_at + std::chrono::seconds{100 * i};
    board.see(x, true);
  }
  auto counters = board.snapshot(noon).counters;
  CHECK_THAT(counters.click_to_door_mean_s, WithinAbs(550, 1e-9));
  CHECK_THAT(counters.click_to_door_p90_s, WithinAbs(1000, 100));
}

TEST_CASE("a board that starts anew goes on from what the day has brought") {
  city_board board{zone};
  city_counters earlier;
  earlier.delivered = 7;
  earlier.rejected = 2;
  board.start_from(earlier, {100s, 300s});
  board.see(nth_order(1, os::rejected, ds::not_started), true);
  auto counters = board.snapshot(noon).counters;
  CHECK(counters.delivered == 7);
  CHECK(counters.rejected == 3);
  CHECK_THAT(counters.click_to_door_mean_s, WithinAbs(200, 1e-9));
}

TEST_CASE("a snapshot and the deltas after it are the board, and the counters are a recount") {
  CHECK(rc::check([] {
    const std::vector<std::pair<os, ds>> open{
        {os::payment_pending, ds::not_started}, {os::pending_restaurant_acceptance, ds::not_started},
        {os::accepted, ds::searching},          {os::accepted, ds::assigned},
        {os::in_preparation, ds::searching},    {os::in_preparation, ds::at_restaurant},
        {os::ready_for_pickup, ds::assigned},   {os::out_for_delivery, ds::picked_up},
        {os::out_for_delivery, ds::at_customer}};
    const std::vector<std::pair<os, ds>> ended{
        {os::delivered, ds::delivered},
        {os::cancelled, ds::failed},
        {os::rejected, ds::not_started},
        {os::undeliverable, ds::failed},
        {os::payment_failed, ds::not_started}};
    city_board board{zone};
    page shown;
    bool opened = false;
    std::map<order_id, order> orders;
    std::set<partner_id> online;
    std::map<os, std::uint64_t> count;
    auto steps = *rc::gen::inRange(0, 100);
    for (int i = 0; i < steps; ++i) {
      switch (*rc::gen::inRange(0, 7)) {
        case 0:
        case 1:
        case 2: {
          auto n = *rc::gen::inRange<std::uint64_t>(1, 12);
          auto id = nth<order_id>(n);
          if (orders.contains(id) && is_terminal(orders.at(id).status)) break;
          auto [s, d] = *rc::gen::elementOf(*rc::gen::inRange(0, 4) == 0 ? ended : open);
          orders[id] = nth_order(n, s, d, *rc::gen::inRange<std::uint64_t>(1, 4));
          ++count[s];
          board.see(orders[id], true);
          break;
        }
        case 3: {
          auto id = nth<partner_id>(*rc::gen::inRange<std::uint64_t>(1, 6));
          board.see(partners_moved{{{id, north_of(kitchen, *rc::gen::inRange(0, 5000))}}, {}});
          online.insert(id);
          break;
        }
        case 4: {
          auto id = nth<partner_id>(*rc::gen::inRange<std::uint64_t>(1, 6));
          board.see(partners_moved{{}, {id}});
          online.erase(id);
          break;
        }
        case 5:
          board.see(restaurant_seen{nth<restaurant_id>(*rc::gen::inRange<std::uint64_t>(1, 3)), "x", kitchen,
                                    *rc::gen::element(restaurant_status::online, restaurant_status::offline)});
          break;
        default:
          if (!opened) {
            (void)board.take_changes(noon);
            shown.take(board.snapshot(noon));
            opened = true;
          } else if (auto delta = board.take_changes(noon)) {
            shown.take(*delta);
          }
      }
    }
    if (!opened) shown.take(board.snapshot(noon));
    if (auto delta = board.take_changes(noon); delta && opened) shown.take(*delta);
    page truth;
    truth.take(board.snapshot(noon));
    RC_ASSERT(shown.restaurants == truth.restaurants);
    RC_ASSERT(shown.partners == truth.partners);
    RC_ASSERT(shown.orders == truth.orders);
    RC_ASSERT(numbers(shown.counters) == numbers(truth.counters));

    city_counters recount;
    std::set<partner_id> carriers;
    for (const auto& [id, x] : orders) {
      if (is_terminal(x.status)) continue;
      ++recount.open;
      recount.searching += x.delivery == ds::searching;
      recount.preparing += x.status == os::accepted || x.status == os::in_preparation;
      recount.out_for_delivery += x.status == os::out_for_delivery;
      if (x.carried_by && online.contains(x.carried_by->partner)) carriers.insert(x.carried_by->partner);
    }
    recount.delivered = count[os::delivered];
    recount.cancelled = count[os::cancelled] + count[os::payment_failed];
    recount.rejected = count[os::rejected];
    recount.undeliverable = count[os::undeliverable];
    recount.partners_online = online.size();
    recount.partners_busy = carriers.size();
    RC_ASSERT(numbers(truth.counters) == numbers(recount));
  }));
}
