/// The journal writer while connections break: every outcome is known in the end, and nothing is written twice.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/persistence/database.hpp"
#include "tests/persistence/proxy.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

const scratch_database& database() { return migrated_database(); }

std::int64_t events_of(const append& a) {
  return database().number("select count(*) from ordering.journal where entity_id = '" + to_string(a.entity.id) + "'");
}

std::int64_t epoch_of(const owned_shard& s) {
  return database().number("select epoch from cluster.shard where id = " + std::to_string(s.id.value));
}

/// Ends all sessions of the writer under test, and waits until they are gone.
void terminate_writers() {
  constexpr auto sessions = " from pg_stat_activity where application_name = 'writer' and datname = current_database()";
  database().number("select count(pg_terminate_backend(pid))" + std::string{sessions});
  for (int i = 0; i < 500 && database().number("select count(*)" + std::string{sessions}) > 0; ++i)
    std::this_thread::sleep_for(10ms);
}

/// A node whose writer reaches the database through a proxy.
struct proxied {
  test_node node;
  proxy between;
  postgres::journal_store writer;

  explicit proxied(proxy::judge decide)
      : between(database().port(), std::move(decide)),
        writer(node.writer({database().url_through(between.port()), "writer", ""})) {}

  std::vector<append> batch() {
    std::vector<append> b;
    for (std::size_t i = 0; i < 20; ++i) b.push_back(order_append(node.shard(i % 4), order_id::make(real_now()), 1, 2));
    return b;
  }
};

void check_written_once(const std::vector<append>& batch, const std::vector<result_of<appended>>& answers) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    INFO(i);
    REQUIRE(answers[i].has_value());
    CHECK_FALSE(answers[i]->repeat_of);
    CHECK(events_of(batch[i]) == 2);
    CHECK(database().number("select position from ordering.journal where seq = 1 and entity_id = '" +
                            to_string(batch[i].entity.id) + "'") ==
          static_cast<std::int64_t>(answers[i]->first_position));
  }
}

void check_goes_on(proxied& p) {
  auto more = p.batch();
  check_written_once(more, p.writer.write(more));
}

}  // namespace

TEST_CASE("a backend that died between two batches is not noticed by anybody") {
  proxied p{[](std::string_view) { return relay::pass; }};
  REQUIRE(write_one(p.writer, p.batch().front()));
  terminate_writers();
  auto batch = p.batch();
  check_written_once(batch, p.writer.write(batch));
}

TEST_CASE("a connection lost before COMMIT was sent means the batch is written by the next one") {
  proxy::judge decide;
  SECTION("the statements never arrive") {
    decide = once_at("journal_fence", [] { return relay::cut; });
  }
  SECTION("the backend is terminated before they arrive") {
    decide = once_at("journal_fence", [] {
      terminate_writers();
      return relay::pass;
    });
  }
  SECTION("their answers never arrive") {
    decide = once_at("journal_fence", [] { return relay::cut_after_answer; });
  }
  proxied p{decide};
  auto batch = p.batch();
  check_written_once(batch, p.writer.write(batch));
  CHECK(epoch_of(p.node.shard(0)) == static_cast<std::int64_t>(p.node.shard(0).epoch));
  check_goes_on(p);
}

TEST_CASE("a connection lost after COMMIT was sent is resolved under a raised epoch") {
  proxy::judge decide;
  SECTION("COMMIT never arrives") {
    decide = once_at("commit", [] { return relay::cut; });
  }
  SECTION("the backend is terminated before COMMIT arrives") {
    decide = once_at("commit", [] {
      terminate_writers();
      return relay::pass;
    });
  }
  SECTION("its answer never arrives") {
    decide = once_at("commit", [] { return relay::cut_after_answer; });
  }
  SECTION("COMMIT arrives when the writer is already asking what became of it") {
    decide = once_at("commit", [] { return relay::cut_then_pass; });
  }
  proxied p{decide};
  auto batch = p.batch();
  check_written_once(batch, p.writer.write(batch));
  CHECK(epoch_of(p.node.shard(0)) == static_cast<std::int64_t>(p.node.shard(0).epoch) + 1);
  CHECK(epoch_of(p.node.shard(9)) == static_cast<std::int64_t>(p.node.shard(9).epoch));
  check_goes_on(p);
}

TEST_CASE("resolving an outcome may itself have an unknown outcome") {
  auto at_commit = once_at("commit", [] { return relay::cut_after_answer; });
  auto at_raise = once_at("raise_epochs", [] { return relay::cut_after_answer; });
  proxied p{[=](std::string_view piece) {
    auto first = at_raise(piece);
    return first == relay::pass ? at_commit(piece) : first;
  }};
  auto batch = p.batch();
  check_written_once(batch, p.writer.write(batch));
  CHECK(epoch_of(p.node.shard(0)) == static_cast<std::int64_t>(p.node.shard(0).epoch) + 2);
  check_goes_on(p);
}

TEST_CASE("a shard taken over while its outcome is unknown is resolved by what the journal has") {
  relay how = relay::cut;
  bool written = false;
  SECTION("written") {
    how = relay::cut_after_answer;
    written = true;
  }
  SECTION("not written") {}
  auto at_commit = once_at("commit", [how] { return how; });
  auto at_raise = once_at("raise_epochs", [] {
    database().execute("update cluster.shard set owner = gen_random_uuid(), epoch = epoch + 1");
    return relay::pass;
  });
  proxied p{[=](std::string_view piece) {
    auto first = at_raise(piece);
    return first == relay::pass ? at_commit(piece) : first;
  }};
  auto batch = p.batch();
  auto answers = p.writer.write(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    CHECK(answers[i].has_value() == written);
    if (!written) CHECK(answers[i] == tl::unexpected{errc::moved});
    CHECK(events_of(batch[i]) == (written ? 2 : 0));
  }
  CHECK(write_one(p.writer, p.batch().front()).error() == errc::moved);
}

TEST_CASE("an outcome that can't be resolved in time is said to be unknown, and the shards are given up") {
  proxied p{once_at("commit", [] { return relay::cut_and_hold; })};
  auto batch = p.batch();
  auto start = std::chrono::steady_clock::now();
  auto answers = p.writer.write(batch);
  CHECK(std::chrono::steady_clock::now() - start < 3 * limits::store_patience);
  for (const auto& a : answers) CHECK(a == tl::unexpected{errc::outcome_unknown});
  CHECK(write_one(p.writer, batch.front()).error() == errc::moved);
  auto other = order_append(p.node.shard(9), order_id::make(real_now()), 1);
  CHECK(write_one(p.writer, other).has_value());
  terminate_writers();
}

TEST_CASE("while the database is away commands wait as long as the store's patience, and are not written") {
  test_node node;
  auto writer = node.writer({"postgresql://nobody@127.0.0.1:1/none", "writer", ""});
  auto start = std::chrono::steady_clock::now();
  auto answer = write_one(writer, order_append(node.shard(0), order_id::make(real_now()), 1));
  auto took = std::chrono::steady_clock::now() - start;
  CHECK(answer.error() == errc::unavailable);
  CHECK(took >= limits::store_patience - 100ms);
  CHECK(took < limits::store_patience + 1s);
}

TEST_CASE("a shard whose row stays locked makes its commands unavailable, not lost") {
  test_node node;
  auto writer = node.writer();
  auto a = order_append(node.shard(5), order_id::make(real_now()), 1);
  {
    auto blocker = database().connect();
    REQUIRE(blocker.execute(
        "begin; select 1 from cluster.shard where id = " + std::to_string(a.shard.value) + " for update", in(5s)));
    CHECK(write_one(writer, a).error() == errc::unavailable);
    CHECK(events_of(a) == 0);
  }
  CHECK(write_one(writer, a).has_value());
}
