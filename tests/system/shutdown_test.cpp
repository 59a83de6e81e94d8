/// A node that is told to end, and one that can't begin.
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/load.hpp"
#include "tests/system/support/tcp.hpp"

namespace dabba::system_tests {
namespace {

using namespace std::chrono_literals;

/// While it lives the node's writes wait, and with them the requests that caused them.
class held_journal {
 public:
  explicit held_journal(const test_node& node) : db_{node.database()} {
    db_.rows("begin");
    db_.rows("lock table ordering.journal in exclusive mode");
  }
  /// A write has come as far as it can.
  bool is_waited_for() { return db_.number("select count(*) from pg_locks where not granted") > 0; }
  void release() { db_.rows("commit"); }

 private:
  queries db_;
};

struct open_request {
  http_client client;
  http_request request;
};

/// Checkouts of different customers that have been sent and can't be answered yet.
std::vector<open_request> checkouts_under_way(const test_node& node, const restaurant& kitchen, held_journal& hold,
                                              int count) {
  std::vector<open_request> made;
  for (int i = 0; i < count; ++i) {
    made.push_back({node.client("CUSTOMER", new_uuid()), checkout_request(kitchen, new_uuid())});
    made.back().client.start(made.back().request);
  }
  CHECK(eventually(5s, [&] { return hold.is_waited_for(); }));
  std::this_thread::sleep_for(200ms);  // for the last of them to be read
  return made;
}

}  // namespace

TEST_CASE("a node told to end answers what is under way, says goodbye to its sockets and ends within ten seconds") {
  test_node node;
  restaurant kitchen{node};
  std::vector<stream_client> sockets;
  for (int i = 0; i < 20; ++i) sockets.push_back(node.stream("PARTNER", new_uuid()));
  sockets.push_back(node.stream("RESTAURANT", kitchen.owner()));
  for (auto& each : sockets) CHECK(each.ask({{"type", "ping"}})["type"] == "ack");
  order_load load{node, kitchen, 4};
  REQUIRE(eventually(20s, [&] { return load.acknowledged_so_far() > 50; }));

  held_journal hold{node};
  auto under_way = checkouts_under_way(node, kitchen, hold, 32);
  node.process().signal(SIGTERM);
  auto told = steady::now();
  std::this_thread::sleep_for(300ms);
  CHECK_FALSE(node.is_ready());
  hold.release();
  std::vector<std::string> answered;
  for (auto& each : under_way) answered.push_back(expect(201, each.client.finish())["orderId"]);
  for (auto& each : sockets) CHECK(each.closed_within(5s) == 1001);
  auto ended = node.process().wait(10s);
  INFO(node.process().log_tail());
  REQUIRE(ended);
  CHECK(steady::now() - told < 10s);
  CHECK(ended->status == 0);

  node.start();
  for (std::size_t i = 0; i < under_way.size(); ++i) {
    auto again = insist(under_way[i].client, under_way[i].request);
    CHECK(expect(201, again)["orderId"] == answered[i]);
    CHECK(again.header("idempotent-replayed") == "true");
  }
  load.stop();
  CHECK(load.complaints() == std::vector<std::string>{});
  CHECK(discrepancies(load, node) == std::vector<std::string>{});
}

TEST_CASE("clients that say nothing, stop half-way or do not read keep no node from ending") {
  test_node node;
  std::vector<tcp_connection> clients;
  for (const auto* bytes : {"", "GET /v1/clock HTT", "POST /v1/restaurants HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"})
    for (int i = 0; i < 5; ++i) CHECK(clients.emplace_back(node.port()).send(bytes));
  const std::string request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  tcp_connection deaf{node.port(), true};
  for (int i = 0; i < 5000; ++i) deaf.send_some(request);
  http_client idle{node.port()};
  CHECK(idle.get("/livez").status == 200);
  node.process().signal(SIGTERM);
  auto ended = node.process().wait(10s);
  INFO(node.process().log_tail());
  REQUIRE(ended);
  CHECK(ended->status == 0);
}

TEST_CASE("a node that cannot begin says why and ends") {
  test_node first;
  auto fails = [&](const std::string& listen, const std::string& web_root, const std::string& database) {
    child_process second{{DABBA_PROGRAM, "node", "--database", database, "--listen", listen, "--signing-key",
                          first.signing_key(), "--web-root", web_root},
                         first.folder() / "second.log"};
    auto ended = second.wait(20s);
    INFO(listen << " " << web_root);
    REQUIRE(ended);
    CHECK(ended->status == 1);
    CHECK(second.log_tail().find("dabba: ") != std::string::npos);
  };
  scratch_database empty{shared_server()};
  scratch_database migrated{shared_server()};
  run_dabba({"migrate", "--database", migrated.url()});
  fails("127.0.0.1:" + std::to_string(first.port()), DABBA_WEB_ROOT, migrated.url());
  fails("127.0.0.1:0", "/nowhere", migrated.url());
  fails("127.0.0.1:0", DABBA_WEB_ROOT, empty.url());
  CHECK(first.is_ready());
}

TEST_CASE("a second signal ends the node at once") {
  test_node node;
  restaurant kitchen{node};
  held_journal hold{node};
  auto under_way = checkouts_under_way(node, kitchen, hold, 4);
  node.process().signal(SIGTERM);
  CHECK_FALSE(node.process().wait(300ms));
  node.process().signal(SIGTERM);
  auto ended = node.process().wait(1s);
  REQUIRE(ended);
  CHECK(ended->status == 1);
  hold.release();

  node.start();
  for (auto& each : under_way) CHECK(insist(each.client, each.request).status == 201);
  queries db{node.database()};
  CHECK(db.number("select count(*) from ordering.order_head") == 4);
}

}  // namespace dabba::system_tests
