/// Two accepts racing a cancel, again and again: one legal outcome each time.
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

constexpr int rounds = 10'000;

/// Two partners on duty, whom the matchmaker does not know: only the test offers them work.
struct rivals {
  explicit rivals(platform& city) : city{city} {
    for (auto who : both) city.expect<partner>(city.command(who, go_online{{}, {}}));
  }

  offer offer_to_both(order_id order) {
    offer made;
    made.id = offer_id::make(city.now());
    made.offered.id = job_id::make(city.now());
    made.offered.stops = {{order, kitchen, ""}};
    made.expires_at = city.now() + 1h;
    made.zone = zone_at(kitchen);
    for (auto& answer : city.ask_all({{ref(both[0]), make_offer{made}}, {ref(both[1]), make_offer{made}}}))
      city.expect<done>(answer);
    return made;
  }

  bool free_again() {
    return eventually([this] { return city.read(both[0]).active.empty() && city.read(both[1]).active.empty(); });
  }

  platform& city;
  std::array<partner_id, 2> both{nth<partner_id>(1), nth<partner_id>(2)};
};

struct race_result {
  result_of<reply> first;
  result_of<reply> second;
  result_of<reply> cancel;
};

/// All three on their way at once, in a sequence that changes from round to round.
race_result race(rivals& x, order_id order, int round, std::optional<std::uint64_t> cancel_only_at) {
  auto made = x.offer_to_both(order);
  auto meta = platform::fresh();
  meta.expected_version = cancel_only_at;
  std::vector<std::pair<entity_ref, routed>> moves{
      x.city.request(x.both[0], accept_offer{made.id}), x.city.request(x.both[1], accept_offer{made.id}),
      x.city.request(order, cancel_order{{party::support, "", party::platform}}, meta)};
  auto shift = static_cast<std::ptrdiff_t>(round % 3);
  std::rotate(moves.begin(), moves.begin() + shift, moves.end());
  auto answers = x.city.ask_all(std::move(moves));
  std::rotate(answers.begin(), answers.end() - shift, answers.end());
  return {std::move(answers[0]), std::move(answers[1]), std::move(answers[2])};
}

bool lost(const result_of<reply>& x) { return !x && x.error() == errc::offer_no_longer_available; }

}  // namespace

TEST_CASE("two accepts and a cancel of the version before them: exactly one of the three has its way") {
  platform city{make_store()};
  rivals x{city};
  int accepted = 0;
  for (int round = 0; round < rounds / 2; ++round) {
    auto order = city.searching_order();
    auto [first, second, cancel] = race(x, order, round, 3);
    REQUIRE(first.has_value() + second.has_value() + cancel.has_value() == 1);
    if (!first) REQUIRE(lost(first));
    if (!second) REQUIRE(lost(second));
    if (!cancel) REQUIRE(cancel.error() == errc::stale_version);
    auto after = city.read(order);
    REQUIRE((after.status == order_status::cancelled) == cancel.has_value());
    if (cancel) {
      REQUIRE_FALSE(after.carried_by);
    } else {
      ++accepted;
      REQUIRE(after.carried_by->partner == (first ? x.both[0] : x.both[1]));
      city.expect<dabba::order>(city.command(order, cancel_order{{party::support, "", party::platform}}));
    }
    REQUIRE(x.free_again());
  }
  CHECK(city.store().active_assignments() == 0);
  // Both ends of the race must have been seen, or it was none.
  CHECK(accepted > 0);
  CHECK(accepted < rounds / 2);
}

TEST_CASE("two accepts and a cancel at any time: at most one carrier, and nobody keeps a cancelled order") {
  platform city{make_store()};
  rivals x{city};
  for (int round = 0; round < rounds / 2; ++round) {
    auto order = city.searching_order();
    auto [first, second, cancel] = race(x, order, round, {});
    REQUIRE(cancel);
    REQUIRE(first.has_value() + second.has_value() <= 1);
    if (!first) REQUIRE(lost(first));
    if (!second) REQUIRE(lost(second));
    auto after = city.read(order);
    REQUIRE(after.status == order_status::cancelled);
    REQUIRE(city.store().count(ref(order), "order.partner_assigned") == (first || second ? 1 : 0));
    REQUIRE(x.free_again());
  }
  CHECK(city.store().active_assignments() == 0);
}
