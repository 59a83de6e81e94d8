#include "protocols/model/uuid.hpp"

#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "tests/protocols/samples.hpp"

using namespace dabba;

namespace {

std::uint64_t milliseconds_of(const uuid& x) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 6; ++i) out = out << 8 | x.bytes[i];
  return out;
}

}  // namespace

TEST_CASE("a version 7 uuid carries its time, its version and its variant") {
  auto later = samples::noon + std::chrono::hours{24 * 365 * 20};
  auto made = make_uuid_v7(later);
  CHECK(milliseconds_of(made) == static_cast<std::uint64_t>(later.micros / 1000));
  CHECK(made.bytes[6] >> 4 == 7);
  CHECK(made.bytes[8] >> 6 == 2);
}

TEST_CASE("uuids made by one thread rise, within a millisecond and when the clock goes back") {
  auto last = make_uuid_v7(samples::noon);
  for (int i = 0; i < 20'000; ++i) {
    auto now = samples::noon - std::chrono::milliseconds{i % 7};
    auto next = make_uuid_v7(now);
    REQUIRE(next > last);
    REQUIRE(next.bytes[6] >> 4 == 7);
    REQUIRE(next.bytes[8] >> 6 == 2);
    last = next;
  }
}

TEST_CASE("uuids of one millisecond can't be guessed from their neighbours") {
  std::set<std::uint64_t> steps;
  auto low = [](const uuid& x) {
    std::uint64_t out = 0;
    for (std::size_t i = 8; i < 16; ++i) out = out << 8 | x.bytes[i];
    return out;
  };
  auto last = make_uuid_v7(samples::noon);
  for (int i = 0; i < 1000; ++i) {
    auto next = make_uuid_v7(samples::noon);
    steps.insert(low(next) - low(last));
    last = next;
  }
  CHECK(steps.size() > 990);
}

TEST_CASE("a uuid is written in lower case and read in either") {
  auto text = "0190a1b2-c3d4-7e5f-8899-aabbccddeeff";
  auto upper = "0190A1B2-C3D4-7E5F-8899-AABBCCDDEEFF";
  REQUIRE(parse_uuid(text));
  CHECK(to_string(*parse_uuid(text)) == text);
  CHECK(parse_uuid(upper) == parse_uuid(text));
}

TEST_CASE("every uuid survives being written and read") {
  CHECK(rc::check([](const std::array<std::uint8_t, 16>& bytes) {
    uuid x{bytes};
    RC_ASSERT(parse_uuid(to_string(x)) == x);
  }));
}

TEST_CASE("text that is no uuid is refused") {
  for (std::string_view bad :
       {"", "0190a1b2", "0190a1b2-c3d4-7e5f-8899-aabbccddeef", "0190a1b2-c3d4-7e5f-8899-aabbccddeeff0",
        "0190a1b2c3d4-7e5f-8899-aabbccddeeff--", "0190a1b2-c3d4-7e5f-8899-aabbccddeefg",
        "{190a1b2-c3d4-7e5f-8899-aabbccddeef}", "0190a1b2_c3d4_7e5f_8899_aabbccddeeff",
        " 190a1b2-c3d4-7e5f-8899-aabbccddeeff", "0190a1b2-c3d4-7e5f-8899-aabbccddee+f"}) {
    INFO(bad);
    CHECK_FALSE(parse_uuid(bad));
  }
  CHECK_FALSE(parse_uuid(std::string_view{"0190a1b2-c3d4-7e5f-8899-aabbccddee\0f", 36}));
}

TEST_CASE("a derived uuid never changes: journals hold them") {
  CHECK(to_string(derive_uuid({}, "")) == "a5e0dba6-c385-880a-998a-0fb79a6520f9");
  CHECK(to_string(derive_uuid({}, "zone")) == "a8ba2064-7d43-8e64-88e1-280592641830");
  auto space = *parse_uuid("0190a1b2-c3d4-7e5f-8899-aabbccddeeff");
  CHECK(to_string(derive_uuid(space, "acceptance1772362800000000")) == "342a161d-9a03-8f48-8d12-828f1a51c6d9");
}

TEST_CASE("derived uuids of different names or spaces differ") {
  std::set<uuid> seen;
  for (std::uint64_t space = 0; space < 100; ++space)
    for (int name = 0; name < 100; ++name)
      seen.insert(derive_uuid(samples::nth<order_id>(space).value, "assigned" + std::to_string(name)));
  CHECK(seen.size() == 10'000);
}
