/// Reading the frames of clients; the fast reader of positions agrees with the other one.
#include <catch2/catch_test_macros.hpp>

#include "http-edge/frames.hpp"

namespace dabba::http {
namespace {

const std::string usual =
    R"({"type":"location","latitude":18.5203,"longitude":-73.8567,"accuracy":5,"heading":270.5,"speed":4.2,"at":"2026-03-01T11:00:00.250Z"})";

TEST_CASE("a position in its usual form takes the fast way") {
  auto fast = read_plain_location(usual);
  REQUIRE(fast);
  CHECK(fast->at == quantised({18.5203, -73.8567}));
  CHECK(fast->measured_at == instant{1'772'362'800'250'000});
  CHECK(fast->accuracy_m == 5.0);
  CHECK(fast->heading_deg == 270.5);
  CHECK(fast->speed_mps == 4.2);
}

TEST_CASE("what the fast reader takes, the careful one reads the same") {
  std::uint32_t seed = 7;
  auto next = [&] { return (seed = seed * 1'664'525 + 1'013'904'223) >> 8; };
  int taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = usual;
    // Change, drop or double a byte or two of a good frame.
    for (unsigned n = next() % 3; n > 0; --n) {
      auto at = next() % text.size();
      switch (next() % 3) {
        case 0: text[at] = "0123456789.eE+-\"{}:, nuls"[next() % 25]; break;
        case 1: text.erase(at, 1); break;
        default: text.insert(at, 1, text[at]);
      }
    }
    auto fast = read_plain_location(text);
    if (!fast) continue;
    ++taken;
    auto careful = read_frame(text);
    auto* points = std::get_if<positions_frame>(&careful);
    INFO(text);
    REQUIRE(points);
    CHECK(points->points.front().at == fast->at);
    CHECK(points->points.front().measured_at == fast->measured_at);
    CHECK(points->points.front().speed_mps == fast->speed_mps);
  }
  CHECK(taken > 5000);
}

TEST_CASE("the fast reader leaves everything unusual to the other one") {
  for (std::string odd :
       {R"({"type":"location","latitude":1,"longitude":2,"at":"2026-03-01T11:00:00Z","extra":1})",
        R"({"type":"locations","latitude":1,"longitude":2,"at":"2026-03-01T11:00:00Z"})",
        R"({"type":"location","latitude":91,"longitude":2,"at":"2026-03-01T11:00:00Z"})",
        R"({"type":"location","latitude":01,"longitude":2,"at":"2026-03-01T11:00:00Z"})",
        R"({"type":"location","latitude":1.,"longitude":2,"at":"2026-03-01T11:00:00Z"})",
        R"({"type":"location","latitude":nan,"longitude":2,"at":"2026-03-01T11:00:00Z"})",
        R"({"type":"location","latitude":1,"longitude":2})",
        R"({"type":"location","latitude":1,"longitude":2,"at":"x"})",
        R"({"latitude":1,"longitude":2,"at":"2026-03-01T11:00:00Z"})", "", "{", "{}", "[]"})
    CHECK_FALSE(read_plain_location(odd));
  CHECK(std::holds_alternative<positions_frame>(
      read_frame(R"({"type":"location","latitude":1,"longitude":2,"at":"2026-03-01T11:00:00Z","extra":1})")));
}

TEST_CASE("frames are read by their type") {
  auto wanted = std::get<subscribe_frame>(read_frame(R"({"type":"subscribe","id":1,"topic":"orders/x","since":17})"));
  CHECK(wanted.id == 1);
  CHECK(wanted.since == 17);
  CHECK(std::get<ping_frame>(read_frame(R"({"type":"ping","id":4})")).id == 4);
  CHECK(std::get<auth_frame>(read_frame(R"({"type":"auth","token":"t"})")).token == "t");
  CHECK(std::get<answer_offer_frame>(
            read_frame(R"({"type":"offer.accept","offerId":"018f6f2c-0000-7000-8000-000000000001"})"))
            .accepts);
}

TEST_CASE("what is no message closes, what has wrong fields is refused") {
  for (std::string bad : {"", "x", "[]", "{}", R"({"type":1})", R"({"type":"nonsense"})", "\xff", R"({"type":"ping")"})
    CHECK(std::holds_alternative<bad_frame>(read_frame(bad)));
  for (std::string bad : {R"({"type":"subscribe","id":3})", R"({"type":"offer.accept","id":3,"offerId":"x"})",
                          R"({"type":"subscribe","id":3,"topic":"a","since":-1})", R"({"type":"auth","id":3})"})
    CHECK(std::get<invalid_frame>(read_frame(bad)).id == 3);
  CHECK(std::holds_alternative<invalid_frame>(read_frame(R"({"type":"ping","id":-1})")));
  CHECK(std::holds_alternative<invalid_frame>(read_frame(R"({"type":"location","latitude":1})")));
  CHECK(std::holds_alternative<invalid_frame>(read_frame(
      R"({"type":"locations","locations":[{"latitude":1,"longitude":2,"at":"2026-03-01T11:00:01Z"},{"latitude":1,"longitude":2,"at":"2026-03-01T11:00:00Z"}]})")));
}

}  // namespace
}  // namespace dabba::http
