/// How long commands wait for a PostgreSQL that is away: as long as the store's patience from when they were made,
/// however many wait and wherever they have waited before.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/persistence/database.hpp"
#include "tests/persistence/proxy.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

constexpr auto nobody = "postgresql://nobody@127.0.0.1:1/none";
constexpr std::size_t full_queue = limits::queued_commands / limits::commands_per_batch;  ///< in batches

std::vector<append> batch_of(const test_node& node, std::size_t count, std::chrono::steady_clock::time_point since) {
  std::vector<append> batch;
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(order_append(node.shard(i), order_id::make(real_now()), 1));
    batch.back().since = since;
  }
  return batch;
}

std::chrono::milliseconds time_to_refuse(postgres::journal_store& writer, const std::vector<append>& batch) {
  auto begin = std::chrono::steady_clock::now();
  for (const auto& answer : writer.write(batch)) CHECK(answer == tl::unexpected{errc::unavailable});
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("what a command has waited before it came to the writer is not waited again") {
  test_node node;
  auto writer = node.writer({nobody, "writer", ""});
  auto made = std::chrono::steady_clock::now() - limits::store_patience + 400ms;
  auto took = time_to_refuse(writer, batch_of(node, 20, made));
  CHECK(took > 300ms);
  CHECK(took < 1s);
}

TEST_CASE("a batch waits no longer than its oldest command can") {
  test_node node;
  auto writer = node.writer({nobody, "writer", ""});
  auto batch = batch_of(node, 20, std::chrono::steady_clock::now());
  batch[7].since -= limits::store_patience - 400ms;
  CHECK(time_to_refuse(writer, batch) < 1s);
}

TEST_CASE("a full queue is refused at once when the database has been away for long enough") {
  test_node node;
  auto writer = node.writer({nobody, "writer", ""});
  auto batch = batch_of(node, limits::commands_per_batch, std::chrono::steady_clock::now() - limits::store_patience);
  std::chrono::milliseconds took{0};
  for (std::size_t i = 0; i < full_queue; ++i) took += time_to_refuse(writer, batch);
  CHECK(took < 1s);
}

TEST_CASE("a full queue behind a database that answers nothing any more is refused with the batch that met it") {
  test_node node;
  std::atomic<bool> hangs{false};
  proxy between{migrated_database().port(), [&hangs](std::string_view) {
                  for (int i = 0; i < 1000 && hangs; ++i) std::this_thread::sleep_for(10ms);
                  return relay::pass;
                }};
  auto writer = node.writer({migrated_database().url_through(between.port()), "writer", ""});
  REQUIRE(write_one(writer, order_append(node.shard(0), order_id::make(real_now()), 1)).has_value());
  hangs = true;
  auto begin = std::chrono::steady_clock::now();
  auto batch = batch_of(node, limits::commands_per_batch, begin);
  auto took = time_to_refuse(writer, batch);
  CHECK(took > limits::store_patience - 100ms);
  for (std::size_t i = 1; i < full_queue; ++i) took += time_to_refuse(writer, batch);
  CHECK(took < limits::store_patience + 1s);
  // Whoever is young waits until it has come to its senses.
  std::thread release{[&hangs] {
    std::this_thread::sleep_for(300ms);
    hangs = false;
  }};
  CHECK(write_one(writer, order_append(node.shard(0), order_id::make(real_now()), 1)).has_value());
  release.join();
}

TEST_CASE("commands that have waited for long are written by a database that is well, connected or not") {
  test_node node;
  auto writer = node.writer();
  for (int i = 0; i < 2; ++i) {
    auto old = batch_of(node, 20, std::chrono::steady_clock::now() - 5 * limits::store_patience);
    for (const auto& answer : writer.write(old)) CHECK(answer.has_value());
  }
}
