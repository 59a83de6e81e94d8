/// PostgreSQL crashes and comes back while the journal is being written.
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "persistence/postgres/migrate.hpp"
#include "tests/persistence/database.hpp"
#include "tests/persistence/server.hpp"

using namespace dabba;
using namespace dabba::tests;

TEST_CASE("PostgreSQL crashes twice under load: what was acknowledged is there, once, and writing goes on") {
  own_server server;
  scratch_database database{server.url()};
  {
    auto conn = database.connect();
    REQUIRE(postgres::migrate(conn, postgres::migrations(), in(60s)));
  }
  test_node node{database};
  std::atomic<bool> stop{false};
  std::vector<append> acknowledged;
  std::size_t refused = 0;
  std::size_t unknown = 0;
  std::thread load{[&] {
    auto writer = node.writer(database.options("writer"));
    while (!stop) {
      std::vector<append> batch;
      for (std::size_t i = 0; i < 32; ++i)
        batch.push_back(order_append(node.shard(i), order_id::make(real_now()), 1, 2));
      auto answers = writer.write(batch);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (answers[i])
          acknowledged.push_back(batch[i]);
        else if (answers[i].error() == errc::outcome_unknown)
          ++unknown;
        else
          ++refused;
      }
    }
  }};
  for (int i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(300ms);
    server.crash();
  }
  std::this_thread::sleep_for(500ms);
  stop = true;
  load.join();

  // Every acknowledged command has its two events, every refused one none, and the unknown ones all or nothing.
  auto events = [&database](const append& a) {
    return database.number("select count(*) from ordering.journal where entity_id = '" + to_string(a.entity.id) + "'");
  };
  INFO(acknowledged.size() << " acknowledged, " << refused << " refused, " << unknown << " unknown");
  auto rows = database.number("select count(*) from ordering.journal");
  CHECK(rows >= static_cast<std::int64_t>(2 * acknowledged.size()));
  CHECK(rows <= static_cast<std::int64_t>(2 * (acknowledged.size() + unknown)));
  for (std::size_t i = 0; i < acknowledged.size(); i += 1 + acknowledged.size() / 200)
    CHECK(events(acknowledged[i]) == 2);
  CHECK(database.number("select count(*) from (select entity_id from ordering.journal group by 1 having count(*) <> 2)"
                        " partial") == 0);
  CHECK(database.number("select count(*) from (select shard, max(position) - count(*) as gap from ordering.journal"
                        " group by 1) s where gap <> 0") == 0);
  CHECK(!acknowledged.empty());
}
