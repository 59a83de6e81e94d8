/// Fault 18: something throws where nothing should. Nothing in the product throws on request; what provokes it here is
/// what would in service: bytes that are no message, a row that can't be decoded, a database that refuses a statement;
/// and a libpq that throws. What becomes of an entity whose handler throws is seen in tests/actors/exception_test.cpp.
#include <fstream>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/shared_cluster.hpp"
#include "tests/faults/support/verdict.hpp"
#include "tests/system/support/tcp.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;
constexpr std::size_t poisoned_orders = 3;

/// A trigger that refuses every order with this note, as a constraint nobody thought of would.
constexpr const char* refuse_poison = R"(
create function faults.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'refused by the test' using errcode = 'raise_exception';
end $$;
create trigger refuse before insert on ordering.journal for each row
  when (new.payload::text like '%"note":"poison"%') execute function faults.refuse();)";

constexpr const char* refuse_no_more = "drop trigger refuse on ordering.journal; drop function faults.refuse()";

system_tests::http_response place(cluster_under_test& cluster, std::size_t node, const kitchen& from,
                                  const std::string& note) {
  auto http = cluster.client(node, "CUSTOMER", system_tests::new_uuid());
  return http.send(
      {"POST", "/v1/orders/checkout", checkout_body(from, note), {{"Idempotency-Key", system_tests::new_uuid()}}});
}

/// Of a process that has lost a part it can't do without.
constexpr int broken_status = 70;

std::uint16_t cluster_port_of(cluster_under_test& cluster, std::size_t node) {
  return static_cast<std::uint16_t>(cluster.db().number(
      fmt::format("select cluster_port from cluster.node where node_id = '{}'", cluster.id_of(node))));
}

}  // namespace

TEST_CASE("fault 18: bytes that are no message, sent to the port where nodes meet, take no node down",
          "[fault-18][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  steady_load load{cluster, shared.town()};
  REQUIRE(load.goes_on(300));
  auto before = cluster.mark();
  std::mt19937 random{18};
  for (int i = 0; i < 300; ++i) {
    std::string bytes(random() % 4096, '\0');
    for (char& each : bytes) each = static_cast<char>(random());
    // Every second one begins as a message of the protocol might: an operation and small numbers.
    if (i % 2 == 0)
      for (std::size_t at = 0; at < bytes.size() && at < 24; ++at)
        bytes[at] = static_cast<char>(at % 4 == 3 ? random() % 8 : 0);
    try {
      system_tests::tcp_connection stranger{cluster_port_of(cluster, static_cast<std::size_t>(i) % nodes)};
      stranger.send(bytes);
      if (i % 3 == 0) stranger.read(20ms);
    } catch (const std::runtime_error&) {
      // Not taken: as good.
    }
  }
  REQUIRE(load.goes_on(500));
  load.stop();
  auto running = 0;
  for (std::size_t i = 0; i < nodes; ++i) running += cluster.is_running(i);
  CHECK(meets(18, "malformed bytes: nodes still running", running, "", exactly(nodes)));
  CHECK(meets(
      18, "malformed bytes: shards that moved", static_cast<double>(cluster.moves_since(before)), "", exactly(0)));
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

TEST_CASE("fault 18: a statement that the database refuses fails its own command and no other", "[fault-18][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  const auto& town = shared.town();
  steady_load load{cluster, town};
  REQUIRE(load.goes_on(300));
  auto before = cluster.mark();
  cluster.db().rows(refuse_poison);
  auto refusing_since = steady::now();
  std::vector<double> took;
  for (std::size_t i = 0; i < poisoned_orders; ++i) {
    auto began = steady::now();
    auto got = place(cluster, i % nodes, town[i], "poison");
    took.push_back(seconds(steady::now() - began));
    INFO(got.status << got.body);
    CHECK(got.status >= 400);
  }
  auto refusing_until = steady::now();
  cluster.db().rows(refuse_no_more);
  REQUIRE(load.goes_on(500));
  load.stop();
  note_figure(18, "refused statement: longest wait for the refusal", percentile(took, 1), "s");
  note_figure(18, "refused statement: others' p99 meanwhile",
              percentile(waits(load, refusing_since, refusing_until), 0.99), "s");
  auto running = 0;
  for (std::size_t i = 0; i < nodes; ++i) running += cluster.is_running(i);
  note_figure(18, "refused statement: nodes still running", running, "");
  note_figure(18, "refused statement: epochs raised", static_cast<double>(cluster.moves_since(before)), "");
  CHECK(cluster.is_owned());
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

TEST_CASE("fault 18: a node whose database code throws ends within a second, and its shards are served elsewhere",
          "[fault-18][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  constexpr std::size_t broken = 2;
  auto trigger = cluster.folder() / "throwing-statement";
  node_setup setup;
  setup.environment = {"LD_PRELOAD=" DABBA_THROWING_LIBPQ, "DABBA_THROWING_STATEMENT=" + trigger.string()};
  cluster.change(broken, setup);
  cluster.signal(broken, SIGTERM);
  REQUIRE(cluster.process(broken).wait(20s));
  steady_load load{cluster, shared.town()};
  // Of a journal, and of membership.
  for (const char* statement : {"journal_fence", "renew_lease"}) {
    INFO(statement);
    cluster.start(broken);
    REQUIRE(cluster.await_settled());
    cluster.await_judge_besides({broken});
    auto affected = cluster.shards_of(broken);
    auto before = cluster.mark();
    std::ofstream{trigger} << statement << std::flush;
    auto thrown = steady::now();
    auto end = cluster.process(broken).wait(10s);
    auto took = seconds(steady::now() - thrown);
    INFO(cluster.log(broken));
    REQUIRE(end);
    CHECK(end->status == broken_status);
    std::filesystem::remove(trigger);
    // Membership comes to its statement every second.
    CHECK(in_time(18, std::string{"exception in "} + statement + ": the process ends after", took, 2));
    CHECK(eventually(15s, [&] { return cluster.is_owned(); }));
    CHECK(cluster.moves_since(before) >= static_cast<std::int64_t>(affected.size()));
    REQUIRE(load.goes_on(300));
  }
  cluster.change(broken, {});
  load.stop();
  CHECK(verdict(cluster, load) == std::vector<std::string>{});
}

TEST_CASE("fault 18: a row that can't be decoded is unreadable by itself, and its shard is served all the same",
          "[fault-18][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  auto spoilt = shared.town().front();
  std::string order = place(cluster, 0, spoilt, "to be spoilt").json()["orderId"];
  std::string whole =
      cluster.db().column(fmt::format("select state from ordering.order_head where order_id = '{}'", order)).at(0);
  cluster.db().rows(
      fmt::format("update ordering.order_head set state = '{{\"lines\": 7}}' where order_id = '{}'", order));
  // Its shard is loaded anew where its owner's end takes it.
  auto owner = cluster.owner_of(spoilt.shard);
  REQUIRE(owner);
  cluster.await_judge_besides({*owner});
  auto before = cluster.mark();
  auto killed = steady::now();
  cluster.kill(*owner);
  auto survivor = (*owner + 1) % nodes;
  unsigned status = 0;
  auto is_served = [&] {
    try {
      status = place(cluster, survivor, spoilt, "after").status;
    } catch (const system_tests::no_answer&) {
      status = 0;
    }
    return status == 201;
  };
  bool served = eventually(15s, is_served);
  CHECK(in_time(18, "spoilt row: its shard is served again after", seconds(steady::now() - killed), 3));
  CHECK(served);
  auto support = cluster.client(survivor, "ADMIN", system_tests::new_uuid());
  auto read = support.get("/v1/orders/" + order);
  note_figure(18, "spoilt row: status of its reading", read.status, "");
  CHECK(read.status >= 500);
  for (std::size_t i = 0; i < nodes; ++i) CHECK((i == *owner || cluster.is_running(i)));
  CHECK(cluster.nodes_declared_dead_since(before) == 1);
  // Mended, it is as it was.
  cluster.db().rows(fmt::format("update ordering.order_head set state = '{}' where order_id = '{}'", whole, order));
  auto is_readable = [&] { return support.get("/v1/orders/" + order).status == 200; };
  CHECK(eventually(10s, is_readable));
  CHECK(verdict(cluster) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
