#include "protocols/model/ids.hpp"

#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <map>

#include "protocols/model/money.hpp"
#include "tests/protocols/samples.hpp"

using namespace dabba;

TEST_CASE("an order lies in the shard of its restaurant, whatever the number of shards") {
  CHECK(rc::check([](const std::array<std::uint8_t, 16>& bytes) {
    restaurant_id restaurant{{bytes}};
    auto shards = *rc::gen::inRange<std::uint16_t>(1, 4097);
    auto order = make_order_id(samples::noon, restaurant);
    RC_ASSERT(shard_of(order.value, shards) == shard_of(restaurant.value, shards));
    RC_ASSERT(order.value.bytes[6] >> 4 == 7);
    RC_ASSERT(order.value.bytes[8] >> 6 == 2);
  }));
}

TEST_CASE("orders of one restaurant have different ids") {
  auto restaurant = restaurant_id::make(samples::noon);
  std::map<order_id, int> made;
  for (int i = 0; i < 10'000; ++i) ++made[make_order_id(samples::noon + std::chrono::microseconds{i}, restaurant)];
  CHECK(made.size() == 10'000);
}

TEST_CASE("new ids spread over all shards") {
  std::map<std::uint16_t, int> count;
  for (int i = 0; i < 25'600; ++i) ++count[shard_of(partner_id::make(samples::noon).value, 256).value];
  REQUIRE(count.size() == 256);
  for (auto [shard, n] : count) CHECK(n < 200);  // 100 expected, ten standard deviations
}

TEST_CASE("matchmakers of neighbouring zones spread over the shards") {
  std::map<std::uint16_t, int> count;
  for (std::uint64_t i = 0; i < 512; ++i)
    ++count[shard_of(matchmaker_ref({0x3bae000000000000 + (i << 46)}).id, 256).value];
  CHECK(count.size() > 150);  // 221 expected
}

TEST_CASE("a zone is found again in the address of its matchmaker and of its board") {
  CHECK(rc::check([](std::uint64_t cell) {
    zone_id zone{cell};
    RC_ASSERT(zone_of(matchmaker_ref(zone)) == zone);
    RC_ASSERT(zone_of(board_ref(zone)) == zone);
    RC_ASSERT(matchmaker_ref(zone).kind == entity_kind::matchmaker);
    RC_ASSERT(board_ref(zone).kind == entity_kind::board);
  }));
}

TEST_CASE("only cells of the zones' level on the globe are zones") {
  CHECK(is_zone({0x3bae400000000000}));
  CHECK(is_zone({0xb3ffc00000000000}));
  for (std::uint64_t cell : {0x0ULL, 0x1ULL, 0xffff000000000000ULL, 0x3bae000000000000ULL, 0x3bae100000000000ULL,
                             0x3bae410000000000ULL, 0xdbae400000000000ULL, ~0ULL, 0x3bae400000000001ULL})
    CHECK_FALSE(is_zone({cell}));
}

TEST_CASE("a zone's token is its hexadecimal without trailing zeros") {
  CHECK(to_string(zone_id{0x3ffc000000000000}) == "3ffc");
  CHECK(to_string(zone_id{0x3bae100000000000}) == "3bae1");
  CHECK(to_string(zone_id{1}) == "0000000000000001");
  CHECK(parse_zone("3ffc") == zone_id{0x3ffc000000000000});
}

TEST_CASE("every zone survives being written and read") {
  CHECK(rc::check([](std::uint64_t cell) {
    auto shift = *rc::gen::inRange(0, 64);
    zone_id zone{cell << shift};
    RC_ASSERT(parse_zone(to_string(zone)) == zone);
  }));
}

TEST_CASE("text that is no zone token is refused") {
  for (std::string_view bad :
       {"", "xyz", "3ffc ", " 3ffc", "0x3ffc", "-1", "+1", "3ffc3ffc3ffc3ffc0", "3f.c", "../3f"}) {
    INFO(bad);
    CHECK_FALSE(parse_zone(bad));
  }
}

TEST_CASE("the price of a line is its unit price times its quantity, to the last paisa") {
  CHECK(samples::line(1, 99, 100'000'000'00).price() == minor_units{990'000'000'000});
  CHECK(samples::line(1, 3, 33'33).price() == minor_units{99'99});
  CHECK(minor_units{1} + minor_units{2} == minor_units{3});
  CHECK(minor_units{1} < minor_units{2});
}

TEST_CASE("hashes of entities of different kinds with one id differ") {
  auto id = order_id::make(samples::noon).value;
  std::hash<entity_ref> hash;
  CHECK(hash({entity_kind::order, id}) != hash({entity_kind::partner, id}));
}
