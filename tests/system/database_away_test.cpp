/// PostgreSQL crashes, and stays away for a while, under load.
#include <algorithm>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/load.hpp"

namespace dabba::system_tests {
namespace {

using namespace std::chrono_literals;

constexpr int customers = 16;
constexpr auto recovery_time = 5s;
constexpr auto store_patience = 2s;
constexpr long tolerated_growth_kib = 64 * 1024;

/// Lets PostgreSQL crash under a load, be away for `away`, and checks what the clients saw.
void check_outage(milliseconds away) {
  postgres_server server;
  test_node node{{}, server.url()};
  restaurant kitchen{node};
  auto pid = node.process().pid();
  order_load load{node, kitchen, customers};
  REQUIRE(eventually(20s, [&] { return load.acknowledged_so_far() > 200; }));
  auto resident_before = node.process().resident_kib();

  server.stop_at_once();
  auto acknowledged_before = load.acknowledged_so_far();
  std::this_thread::sleep_for(away);
  CHECK(node.process().resident_kib() - resident_before < tolerated_growth_kib);
  if (away > 5s) CHECK_FALSE(node.is_ready());
  server.start();
  auto back = steady::now();
  CHECK(eventually(recovery_time, [&] { return load.acknowledged_so_far() > acknowledged_before + customers; }));
  std::this_thread::sleep_until(back + recovery_time + 3s);
  load.stop();

  CHECK(node.process().is_running());
  CHECK(node.process().pid() == pid);
  CHECK(eventually(1s, [&] { return node.is_ready(); }));
  CHECK(load.complaints() == std::vector<std::string>{});
  CHECK(discrepancies(load, node) == std::vector<std::string>{});
  std::size_t refused = 0, unanswered = 0, refused_late = 0, without_hint = 0;
  for (const auto& each : load.attempts()) {
    unanswered += each.status == 0;
    refused += each.status == 503;
    refused_late += each.status == 503 && each.began > back + recovery_time;
    without_hint += each.status == 503 && !each.says_when_to_retry;
  }
  // What it can do within the store's patience it need not refuse.
  CHECK((refused > 0 || away < store_patience));
  CHECK(refused_late == 0);
  CHECK(without_hint == 0);
  CHECK(unanswered == 0);
}

}  // namespace

TEST_CASE("PostgreSQL crashes and restarts under load: only 503s meanwhile, and nothing acknowledged is lost") {
  check_outage(0ms);
}

TEST_CASE("PostgreSQL is away for ten seconds: only 503s meanwhile, and nothing acknowledged is lost") {
  check_outage(10s);
}

}  // namespace dabba::system_tests
