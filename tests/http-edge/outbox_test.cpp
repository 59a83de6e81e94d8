/// The queue of a socket: events in order, positions conflated, bounded.
#include <catch2/catch_test_macros.hpp>

#include "http-edge/outbox.hpp"

namespace dabba::http {
namespace {

order_id numbered(std::uint8_t x) {
  order_id made;
  made.value.bytes[0] = x;
  return made;
}

TEST_CASE("events come in order, before positions") {
  outbox box;
  CHECK(box.push_position(numbered(1), "here"));
  CHECK(box.push({"a", false}));
  CHECK(box.push({"b", false}));
  CHECK(box.pop()->text == "a");
  CHECK(box.pop()->text == "b");
  CHECK(box.pop()->text == "here");
  CHECK_FALSE(box.pop());
}

TEST_CASE("of positions the latest of each order waits, in its first one's place") {
  outbox box;
  for (int i = 0; i < 1000; ++i) {
    CHECK(box.push_position(numbered(1), "one " + std::to_string(i)));
    CHECK(box.push_position(numbered(2), "two " + std::to_string(i)));
  }
  CHECK(box.size() == 2);
  CHECK(box.pop()->text == "one 999");
  CHECK(box.push_position(numbered(1), "one again"));
  CHECK(box.pop()->text == "two 999");
  CHECK(box.pop()->text == "one again");
}

TEST_CASE("a full queue takes no more") {
  outbox box;
  for (std::size_t i = 0; i < limits::session_queue_messages; ++i) REQUIRE(box.push({"x", false}));
  CHECK_FALSE(box.push({"x", false}));
  CHECK_FALSE(box.has_room());
}

}  // namespace
}  // namespace dabba::http
