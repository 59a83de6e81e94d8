/// A node that dies in the middle of a city's day, and deadlines that pass while it is dead.
#include <cstdlib>
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr int crashes = 3;

struct city_day {
  std::string speed;
  std::vector<std::string> options;
  milliseconds between_crashes;
  milliseconds longest;
};

/// A day of real demand where there is one, else a short evening of the built-in city.
city_day chosen_day() {
  const char* folder = std::getenv("DABBA_MDRP");
  if (folder && *folder) return {"300", {"--instance", std::string{folder} + "/0o100t100s1p100"}, 25s, 280s};
  return {"120", {"--hours", "2"}, 15s, 200s};
}

}  // namespace

TEST_CASE("a city's day goes on although its node is killed three times") {
  auto day = chosen_day();
  test_node node{{"--clock-scale", day.speed, "--frames-per-second", "0"}};
  std::vector<std::string> command{
      DABBA_CITY_PROGRAM, "--url",      node.url(),      "--signing-key", node.signing_key(), "--dabba",
      DABBA_PROGRAM,      "--database", node.database(), "--speed",       day.speed,          "--no-progress"};
  command.insert(command.end(), day.options.begin(), day.options.end());
  child_process city{command, node.folder() / "city.log"};
  queries db{node.database()};
  auto delivered = [&] { return db.number("select count(*) from ordering.order_head where status = 'DELIVERED'"); };
  auto under_way = [&] { return delivered() >= 10 || !city.is_running(); };
  CHECK(eventually(120s, under_way, 200ms));

  for (int i = 0; i < crashes; ++i) {
    INFO("crash " << i << "\n" << city.log_tail());
    REQUIRE(city.is_running());
    CHECK(db.number("select count(*) from ordering.order_head where open") > 0);
    node.kill_and_start();
    if (i + 1 < crashes) std::this_thread::sleep_for(day.between_crashes);
  }

  auto ended = city.wait(day.longest);
  INFO(city.log_tail());
  REQUIRE(ended);
  CHECK(ended->status == 0);
  CHECK(db.number("select count(*) from (select entity_id from ordering.journal where type = 'order.delivered' "
                  "group by entity_id having count(*) > 1) twice") == 0);
}

TEST_CASE("each acceptance deadline takes effect once although the node dies around it") {
  constexpr int orders = 60;
  // A platform minute is three real seconds: the deadlines pass over about two seconds, in which the node dies twice.
  test_node node{{"--clock-scale", "20", "--accept-minutes", "1"}};
  restaurant silent{node};
  customer hungry{node};
  std::vector<std::string> placed;
  auto first = steady::now();
  for (int i = 0; i < orders; ++i) {
    placed.push_back(hungry.order(silent)["orderId"]);
    std::this_thread::sleep_until(first + (i + 1) * 33ms);
  }
  std::mt19937 random{7};
  queries db{node.database()};
  auto waiting = [&] { return db.number("select count(*) from ordering.order_head where open"); };
  for (auto left : {orders * 5 / 6, orders / 3}) {
    CHECK(eventually(
        20s, [&] { return waiting() <= left; }, 5ms));
    std::this_thread::sleep_for(milliseconds{random() % 20});
    node.kill_and_start();
  }

  CHECK(eventually(20s, [&] { return waiting() == 0; }));
  CHECK(db.number("select count(*) from ordering.order_head where status = 'REJECTED'") == orders);
  auto per_order = db.column("select count(*) from ordering.journal where type = 'order.rejected' group by entity_id");
  CHECK(per_order == std::vector<std::string>(orders, "1"));
  CHECK(db.number("select count(*) from ordering.journal where type like 'order.%'") == 2 * orders);
  auto reader = node.client("CUSTOMER", hungry.id());
  for (const auto& id : placed) CHECK(expect(200, reader.get("/v1/orders/" + id))["ending"]["by"] == "PLATFORM");
}

}  // namespace dabba::system_tests
