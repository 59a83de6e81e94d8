/// A node that dies between doing something and saying so.
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/load.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr int crashes = 6;
constexpr std::size_t most_repeated = 200;

}  // namespace

TEST_CASE("every acknowledged order exists exactly once although the node dies at random moments") {
  test_node node;
  restaurant kitchen{node};
  order_load load{node, kitchen, 6};
  std::mt19937 random{11};
  for (int i = 0; i < crashes; ++i) {
    auto before = load.acknowledged_so_far();
    REQUIRE(eventually(
        20s, [&] { return load.acknowledged_so_far() > before + 20; }, 1ms));
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 50'000});
    node.kill_and_start();
  }
  load.stop();
  CHECK(load.complaints() == std::vector<std::string>{});
  CHECK(discrepancies(load, node) == std::vector<std::string>{});

  auto placed = load.placed();
  REQUIRE(placed.size() > 20 * crashes);
  std::shuffle(placed.begin(), placed.end(), random);
  placed.resize(std::min(placed.size(), most_repeated));
  queries db{node.database()};
  auto rows = db.number("select count(*) from ordering.journal");
  for (const auto& each : placed) {
    auto http = node.client("CUSTOMER", each.customer);
    auto again = http.send(checkout_request(kitchen, each.key, each.note));
    CHECK(expect(201, again)["orderId"] == each.order);
    CHECK(again.header("idempotent-replayed") == "true");
    auto other = http.send(checkout_request(kitchen, each.key, "something else"));
    CHECK(other.status == 422);
    CHECK(other.code() == "idempotency-key-reused");
  }
  CHECK(db.number("select count(*) from ordering.journal") == rows);
}

TEST_CASE("fifty requests with one key at once place one order, also when the node dies meanwhile") {
  test_node node;
  restaurant kitchen{node};
  auto customer = new_uuid();
  auto request = checkout_request(kitchen, new_uuid());
  auto ask_at_once = [&] {
    std::vector<http_client> clients;
    for (int i = 0; i < 50; ++i) {
      clients.push_back(node.client("CUSTOMER", customer));
      clients.back().start(request);
    }
    return clients;
  };
  auto cut_off = ask_at_once();
  node.kill_and_start();
  std::vector<std::string> answers;
  for (auto& each : ask_at_once()) {
    auto got = each.finish();
    if (got.status == 503) got = insist(each, request);
    answers.push_back(expect(201, got)["orderId"]);
  }
  for (auto& each : cut_off) {
    try {
      answers.push_back(expect(201, each.finish())["orderId"]);
    } catch (const no_answer&) {
      // It died with the node.
    }
  }
  CHECK(answers.size() >= 50);
  CHECK(answers == std::vector<std::string>(answers.size(), answers.front()));
  queries db{node.database()};
  CHECK(db.number("select count(*) from ordering.order_head where customer_id = '" + customer + "'") == 1);
}

}  // namespace dabba::system_tests
