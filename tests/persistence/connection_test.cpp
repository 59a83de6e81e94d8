/// The layer over libpq: every wait ends, every error is a value.
#include "persistence/postgres/connection.hpp"

#include <catch2/catch_test_macros.hpp>
#include <limits>

#include "tests/persistence/database.hpp"
#include "tests/persistence/proxy.hpp"

using namespace dabba;
using namespace dabba::postgres;
using namespace dabba::tests;

namespace {

const scratch_database& database() { return migrated_database(); }

template <class T>
T round_trip(connection& conn, const char* name, const char* sql, const T& value) {
  const statement echo{name, sql};
  auto result = conn.run(call{&echo, {encode(value)}}, in(5s));
  REQUIRE(result);
  return result->get<T>(0, 0);
}

constexpr statement one{"one", "select 1"};
constexpr statement divide{"divide", "select 1 / $1"};
constexpr statement doze{"doze", "select pg_sleep(30)"};

}  // namespace

TEST_CASE("values come back from PostgreSQL as they were sent") {
  auto conn = database().connect();
  CHECK(round_trip<std::int16_t>(conn, "i2", "select $1", -12345) == -12345);
  CHECK(round_trip<std::int32_t>(conn, "i4", "select $1", std::numeric_limits<std::int32_t>::min()) ==
        std::numeric_limits<std::int32_t>::min());
  CHECK(round_trip<std::int64_t>(conn, "i8", "select $1", std::numeric_limits<std::int64_t>::max()) ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(round_trip<bool>(conn, "b", "select $1", true));
  CHECK(round_trip<double>(conn, "d", "select $1", -0.1) == -0.1);
  CHECK(round_trip<std::string>(conn, "t", "select $1", "Crème brûlée ' \\ \n") == "Crème brûlée ' \\ \n");
  auto id = make_uuid_v7(real_now());
  CHECK(round_trip<uuid>(conn, "u", "select $1", id) == id);
  for (auto at : {instant{0}, instant{1'772'359'200'123'456}, instant{-1}, instant::max()})
    CHECK(round_trip<instant>(conn, "at", "select $1", at) == at);
}

TEST_CASE("values mean to PostgreSQL what they mean to us") {
  auto conn = database().connect();
  const statement text{"as_text", "select $1::text || ' ' || $2::text || ' ' || $3::text"};
  auto id = *parse_uuid("0190c2a0-0000-7000-8000-00000000abcd");
  auto shown = conn.run(call{&text, {encode(instant{1'772'359'200'123'456}), encode(id), encode(1.5)}}, in(5s));
  REQUIRE(shown);
  CHECK(shown->get<std::string>(0, 0) == "2026-03-01 10:00:00.123456+00 0190c2a0-0000-7000-8000-00000000abcd 1.5");
}

TEST_CASE("arrays keep their elements, nulls and order") {
  auto conn = database().connect();
  array_of<uuid> ids;
  array_of<std::string> texts;
  auto id = make_uuid_v7(real_now());
  ids.push(id);
  ids.push(std::optional<uuid>{});
  texts.push("a{},\"NULL");
  texts.push("");
  const statement unnest{"unnest", "select i, t from unnest($1, $2) as w(i, t)"};
  auto result = conn.run(call{&unnest, {ids.take(), texts.take()}}, in(5s));
  REQUIRE(result);
  REQUIRE(result->size() == 2);
  CHECK(result->maybe<uuid>(0, 0) == id);
  CHECK(result->maybe<uuid>(1, 0) == std::nullopt);
  CHECK(result->get<std::string>(0, 1) == "a{},\"NULL");
  CHECK(result->get<std::string>(1, 1).empty());
}

TEST_CASE("an empty array is no rows") {
  auto conn = database().connect();
  array_of<std::int64_t> none;
  const statement unnest{"unnest", "select i from unnest($1) as w(i)"};
  auto result = conn.run(call{&unnest, {none.take()}}, in(5s));
  REQUIRE(result);
  CHECK(result->size() == 0);
}

TEST_CASE("reading a field as another type is a bug that shows") {
  auto conn = database().connect();
  auto result = conn.run(call{&one, {}}, in(5s));
  REQUIRE(result);
  CHECK_THROWS_AS(result->get<std::string>(0, 0), std::logic_error);
}

TEST_CASE("a refused statement leaves the connection usable, and says its SQLSTATE") {
  auto conn = database().connect();
  auto refused = conn.run(call{&divide, {encode(std::int32_t{0})}}, in(5s));
  REQUIRE(!refused);
  CHECK(refused.error().what == db_error::kind::refused);
  CHECK(refused.error().sqlstate == "22012");
  CHECK(refused.error().is_about_data());
  CHECK(conn.run(call{&one, {}}, in(5s)).has_value());
  CHECK(conn.run(call{&divide, {encode(std::int32_t{1})}}, in(5s)).has_value());
}

TEST_CASE("a pipeline stops at its first error and keeps what came before") {
  auto conn = database().connect();
  std::vector<call> calls{{&one, {}}, {&divide, {encode(std::int32_t{0})}}, {&one, {}}};
  auto a = conn.run(calls, in(5s));
  CHECK(a.results.size() == 1);
  REQUIRE(a.error);
  CHECK(a.error->sqlstate == "22012");
  CHECK(conn.run(call{&one, {}}, in(5s)).has_value());
}

TEST_CASE("a pipeline far larger than the socket's buffers does not block") {
  auto conn = database().connect();
  const statement echo{"echo", "select $1"};
  std::vector<call> calls(64, call{&echo, {encode(std::string(500'000, 'x'))}});
  auto a = conn.run(calls, in(30s));
  CHECK(!a.error);
  CHECK(a.results.size() == 64);
}

TEST_CASE("an answer that does not come in time loses the connection, in time") {
  auto conn = database().connect();
  auto start = std::chrono::steady_clock::now();
  auto late = conn.run(call{&doze, {}}, in(200ms));
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  REQUIRE(!late);
  CHECK(late.error().what == db_error::kind::lost);
  CHECK(!conn.is_usable());
  CHECK(!conn.run(call{&one, {}}, in(1s)));
}

TEST_CASE("a statement that runs too long is ended by the server") {
  auto conn = database().connect("-c statement_timeout=100");
  auto ended = conn.run(call{&doze, {}}, in(10s));
  REQUIRE(!ended);
  CHECK(ended.error().sqlstate == "57014");
  CHECK(!ended.error().is_about_data());
}

TEST_CASE("a backend that is terminated is a lost connection, not a refusal") {
  auto conn = database().connect();
  const statement die{"die", "select pg_terminate_backend(pg_backend_pid())"};
  auto lost = conn.run(call{&die, {}}, in(5s));
  REQUIRE(!lost);
  CHECK(lost.error().what == db_error::kind::lost);
  CHECK(!conn.is_usable());
}

TEST_CASE("connecting to a server that never answers ends in time") {
  proxy silent{database().port(), [](std::string_view) { return relay::cut_and_hold; }};
  proxy gone{1, [](std::string_view) { return relay::pass; }};
  for (auto port : {silent.port(), gone.port()}) {
    auto start = std::chrono::steady_clock::now();
    CHECK(!connection::open({database().url_through(port), "test", ""}, in(300ms)));
    CHECK(std::chrono::steady_clock::now() - start < 3s);
  }
}

TEST_CASE("a read goes on with a new connection when the old one was lost") {
  session s{database().options("reads"), {}};
  REQUIRE(s.read(call{&one, {}}, in(5s), in(5s)).has_value());
  database().number("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'reads'");
  CHECK(s.read(call{&one, {}}, in(5s), in(5s)).has_value());
}
