/// Migrations: once each, in order, never another text.
#include "persistence/postgres/migrate.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <thread>
#include <vector>

#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::postgres;
using namespace dabba::tests;

namespace {

constexpr migration first{1, "first", "aaaa", "create table t (a int); insert into t values (1);"};
constexpr migration second{2, "second", "bbbb", "insert into t values (2);"};

auto run(const scratch_database& database, std::vector<migration> wanted) {
  auto conn = database.connect();
  return migrate(conn, wanted, in(30s));
}

}  // namespace

TEST_CASE("this build's migrations make a current schema, and a second run finds nothing to do") {
  scratch_database database;
  auto conn = database.connect();
  CHECK(schema_problem(conn, in(5s)).has_value());
  CHECK(migrate(conn, migrations(), in(30s)) == migrations().size());
  CHECK(schema_problem(conn, in(5s)) == std::nullopt);
  CHECK(migrate(conn, migrations(), in(30s)) == std::size_t{0});
}

TEST_CASE("checksums are those of the files") {
  for (const auto& m : migrations()) {
    INFO(m.name);
    CHECK(m.sha256.size() == 64);
    auto text = std::string{m.sql};
    auto conn = migrated_database().connect();
    const statement digest{"digest", "select encode(sha256(convert_to($1, 'UTF8')), 'hex')"};
    auto computed = conn.run(call{&digest, {encode(text)}}, in(5s));
    REQUIRE(computed);
    CHECK(computed->get<std::string>(0, 0) == m.sha256);
  }
}

TEST_CASE("later migrations are added to earlier ones") {
  scratch_database database;
  CHECK(run(database, {first}) == std::size_t{1});
  CHECK(run(database, {first, second}) == std::size_t{1});
  CHECK(database.number("select sum(a) from t") == 3);
}

TEST_CASE("a migration that has changed since it was applied is refused") {
  scratch_database database;
  REQUIRE(run(database, {first}));
  auto changed = first;
  changed.sha256 = "cccc";
  auto refused = run(database, {changed, second});
  REQUIRE(!refused);
  CHECK(refused.error() == "migration 1 (first) has changed since it was applied");
  CHECK(database.number("select sum(a) from t") == 1);
}

TEST_CASE("a database newer than the program is refused") {
  scratch_database database;
  REQUIRE(run(database, {first, second}));
  auto refused = run(database, {first});
  REQUIRE(!refused);
  CHECK(refused.error().find("migration 2 (second), which this program does not know") != std::string::npos);
}

TEST_CASE("a database that skipped a migration is refused") {
  scratch_database database;
  REQUIRE(run(database, {first, second}));
  database.execute("delete from dabba_migration where number = 1");
  auto refused = run(database, {first, second});
  REQUIRE(!refused);
  CHECK(refused.error() == "the database lacks migration 1 (first) but has later ones");
}

TEST_CASE("a migration that fails leaves nothing of itself, and can be mended") {
  scratch_database database;
  auto broken = second;
  broken.sql = "insert into t values (2); insert into nowhere values (1);";
  auto failed = run(database, {first, broken});
  REQUIRE(!failed);
  CHECK(failed.error().starts_with("migration 2 (second) failed: "));
  CHECK(database.number("select sum(a) from t") == 1);
  CHECK(run(database, {first, second}) == std::size_t{1});
}

TEST_CASE("programs that migrate at the same time wait for each other") {
  scratch_database database;
  constexpr std::size_t programs = 8;
  std::array<tl::expected<std::size_t, std::string>, programs> results;
  std::vector<std::thread> threads;
  for (auto& r : results)
    threads.emplace_back([&database, &r] {
      auto conn = database.connect();
      r = migrate(conn, migrations(), in(60s));
    });
  for (auto& t : threads) t.join();
  std::size_t applied = 0;
  for (const auto& r : results) {
    INFO((r ? std::string{} : r.error()));
    REQUIRE(r);
    applied += *r;
  }
  CHECK(applied == migrations().size());
}
