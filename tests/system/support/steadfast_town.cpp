#include "tests/system/support/steadfast_town.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

namespace dabba::system_tests {

using namespace std::chrono_literals;

steadfast_town::steadfast_town() {
  deliverer.go_online();
  auto order = hungry.order(kitchen);
  delivered = order["orderId"];
  kitchen.accept(delivered);
  auto offer = deliverer.phone().take("type", "offer")["offerId"];
  CHECK(deliverer.phone().ask({{"type", "offer.accept"}, {"offerId", offer}})["type"] == "ack");
  kitchen.prepare(delivered);
  deliverer.deliver(delivered, order["deliveryPin"]);
  CHECK(eventually(5s, [&] {
    return db_.number("select count(*) from ordering.journal where type = 'partner.delivery_ended'") == 1;
  }));
  waiting = hungry.order(kitchen)["orderId"];
  remember();
  pid_ = node.process().pid();
}

std::int64_t steadfast_town::rows() {
  return db_.number(
      "select (select count(*) from ordering.journal) + (select count(*) from ordering.order_head)"
      " + (select count(*) from catalog.restaurant_head) + (select count(*) from delivery.partner_head)"
      " + (select count(*) from delivery.assignment) + (select count(*) from messaging.idempotency)");
}

void steadfast_town::check_unharmed() {
  CHECK(rows() == rows_before_);
  CHECK(node.process().is_running());
  CHECK(node.process().pid() == pid_);
  CHECK(node.is_ready());
  CHECK(expect(200, hungry.http().get("/v1/orders/" + waiting))["version"] == 1);
}

void check_problem(const http_response& got, unsigned status, const std::string& code, const std::string& pointer) {
  INFO(got.body);
  CHECK(got.status == status);
  CHECK(got.header("content-type") == "application/problem+json");
  auto problem = got.json();
  REQUIRE(problem.is_object());
  if (!code.empty()) CHECK(problem["code"] == code);
  CHECK(problem["status"] == got.status);
  CHECK(problem["type"] == "/problems/" + problem["code"].get<std::string>());
  CHECK_FALSE(problem["requestId"].get<std::string>().empty());
  if (pointer.empty()) return;
  bool named = false;
  for (const auto& each : problem["errors"]) named = named || each["pointer"] == pointer;
  CHECK(named);
}

}  // namespace dabba::system_tests
