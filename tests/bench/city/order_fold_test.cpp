#include "bench/city/order_fold.hpp"

#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace dabba::city;

namespace {

struct step {
  const char* type;
  const char* partner = "";
};

/// The fold of legal steps; the test fails at the first that is refused.
order_fold after(const std::vector<step>& steps) {
  order_fold state;
  for (const auto& s : steps) {
    const auto problem = state.apply({s.type, s.partner, {}});
    INFO(s.type << ": " << problem.value_or(""));
    REQUIRE_FALSE(problem);
  }
  return state;
}

const std::vector<step> at_the_door{
    {"order.placed"},
    {"order.accepted"},
    {"order.search_started"},
    {"order.preparation_started"},
    {"order.partner_assigned", "p"},
    {"order.partner_at_restaurant", "p"},
    {"order.ready"},
    {"order.picked_up", "p"},
    {"order.partner_at_customer", "p"}};

}  // namespace

TEST_CASE("an order goes from placed to delivered") {
  auto state = after(at_the_door);
  CHECK(state.status() == "OUT_FOR_DELIVERY");
  CHECK(state.delivery_status() == "AT_CUSTOMER");
  CHECK(state.carried());
  REQUIRE_FALSE(state.apply({"order.delivered", "p", {}}));
  CHECK(state.status() == "DELIVERED");
  CHECK(state.delivery_status() == "DELIVERED");
  CHECK(state.partner() == "p");
  CHECK_FALSE(state.carried());
}

TEST_CASE("nothing happens to an order that has ended") {
  for (const char* ending : {"order.delivered", "order.delivery_failed", "order.cancelled"}) {
    auto state = after(at_the_door);
    REQUIRE_FALSE(state.apply({ending, "p", {}}));
    for (const char* type :
         {"order.accepted", "order.ready", "order.partner_assigned", "order.delivered", "order.cancelled"})
      CHECK(state.apply({type, "p", {}}));
  }
}

TEST_CASE("an order given back is searched for again and may be taken by another") {
  auto state =
      after({{"order.placed"},
             {"order.accepted"},
             {"order.search_started"},
             {"order.partner_assigned", "p"},
             {"order.partner_released", "p"},
             {"order.search_started"}});
  CHECK(state.delivery_status() == "SEARCHING");
  CHECK(state.partner().empty());
  REQUIRE_FALSE(state.apply({"order.partner_assigned", "q", {}}));
  CHECK(state.partner() == "q");
}

TEST_CASE("steps of the wrong partner, or out of turn, are illegal and change nothing") {
  auto state = after(at_the_door);
  CHECK(state.apply({"order.delivered", "q", {}}));
  CHECK(state.apply({"order.partner_assigned", "q", {}}));
  CHECK(state.apply({"order.placed", {}, {}}));
  CHECK(state.apply({"order.vanished", {}, {}}));
  CHECK(state.delivery_status() == "AT_CUSTOMER");
  CHECK(state.partner() == "p");

  auto cooking =
      after({{"order.placed"}, {"order.accepted"}, {"order.search_started"}, {"order.partner_assigned", "p"}});
  CHECK(cooking.apply({"order.picked_up", "p", {}}));
  CHECK(order_fold{}.apply({"order.accepted", {}, {}}));
}

TEST_CASE("a cancelled delivery failed only if somebody was looked for") {
  auto early = after({{"order.placed"}, {"order.cancelled"}});
  CHECK(early.status() == "CANCELLED");
  CHECK(early.delivery_status() == "NOT_STARTED");
  auto late = after({{"order.placed"}, {"order.accepted"}, {"order.search_started"}, {"order.cancelled"}});
  CHECK(late.delivery_status() == "FAILED");
}

TEST_CASE("an order paid by card waits for its payment") {
  order_fold state;
  REQUIRE_FALSE(state.apply({"order.placed", {}, "CARD"}));
  CHECK(state.status() == "PAYMENT_PENDING");
  CHECK(state.apply({"order.accepted", {}, {}}));
  REQUIRE_FALSE(state.apply({"order.paid", {}, {}}));
  CHECK_FALSE(state.apply({"order.accepted", {}, {}}));
}
