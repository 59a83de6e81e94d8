#include "actors/domain/partner_machine.hpp"

#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "protocols/model/limits.hpp"
#include "tests/protocols/samples.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

active_delivery delivery(std::uint64_t order, std::uint8_t slot) {
  active_delivery out;
  out.order = nth<order_id>(order);
  out.slot = slot;
  return out;
}

}  // namespace

TEST_CASE("going online twice is one event, unless the shift's end changed") {
  partner x;
  go_online until_ten{kitchen, noon + 10h};
  auto events = decide(x, until_ten);
  REQUIRE(events.size() == 1);
  dabba::apply(x, events[0]);
  CHECK(x.shift == shift_status::online);
  CHECK(x.shift_ends_at == noon + 10h);
  CHECK(decide(x, until_ten).empty());
  CHECK(decide(x, go_online{kitchen, noon + 11h}).size() == 1);
  CHECK(decide(x, go_online{kitchen, {}}).size() == 1);
}

TEST_CASE("going offline ends the shift and keeps the deliveries") {
  partner x;
  CHECK(decide(x, go_offline{}).empty());
  apply(x, partner_went_online{kitchen, noon + 10h});
  apply(x, partner_delivery_assigned{delivery(1, 0)});
  auto events = decide(x, go_offline{});
  REQUIRE(events.size() == 1);
  dabba::apply(x, events[0]);
  CHECK(x.shift == shift_status::offline);
  CHECK_FALSE(x.shift_ends_at);
  CHECK(x.active.size() == 1);
  CHECK(x.version == 3);
}

TEST_CASE("a delivery assigned twice takes one slot, and one that ended twice frees one") {
  partner x;
  apply(x, partner_delivery_assigned{delivery(1, 0)});
  apply(x, partner_delivery_assigned{delivery(1, 0)});
  CHECK(x.active.size() == 1);
  apply(x, partner_delivery_assigned{delivery(2, 1)});
  apply(x, partner_delivery_ended{nth<order_id>(1), "DELIVERED"});
  apply(x, partner_delivery_ended{nth<order_id>(1), "DELIVERED"});
  CHECK(x.active == std::vector{delivery(2, 1)});
  CHECK(find_delivery(x, nth<order_id>(1)) == nullptr);
  REQUIRE(find_delivery(x, nth<order_id>(2)));
}

TEST_CASE("slots handed out are free, different and the lowest, or there are not enough of them") {
  CHECK(rc::check([] {
    partner x;
    auto taken = *rc::gen::inRange(0, 1 << limits::slots_per_partner);
    for (std::uint8_t slot = 0; slot < limits::slots_per_partner; ++slot)
      if (taken >> slot & 1) x.active.push_back(delivery(slot, slot));
    auto free = limits::slots_per_partner - x.active.size();
    RC_ASSERT(free_slot_count(x) == free);
    auto wanted = *rc::gen::inRange<std::size_t>(1, limits::slots_per_partner + 2);
    auto slots = free_slots(x, wanted);
    if (wanted > free) {
      RC_ASSERT(slots.error() == errc::partner_at_capacity);
      return;
    }
    RC_ASSERT(slots->size() == wanted);
    std::set<int> unique{slots->begin(), slots->end()};
    RC_ASSERT(unique.size() == wanted);
    for (int slot : unique) RC_ASSERT((taken >> slot & 1) == 0);
    for (int lower = 0; lower < *unique.rbegin(); ++lower)
      RC_ASSERT((taken >> lower & 1) == 1 || unique.contains(lower));
  }));
}
