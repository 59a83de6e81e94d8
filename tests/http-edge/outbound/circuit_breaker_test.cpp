/// The circuit breaker: by examples, and in every sequence of a few events beside the rules written down once more.
#include "http-edge/outbound/circuit_breaker.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <vector>

using namespace dabba::outbound;
using namespace std::chrono_literals;

namespace {

using state = circuit_breaker::state;
using time_point = circuit_breaker::time_point;

constexpr breaker_terms small_terms{
    .window = 4,
    .least = 2,
    .share = 0.5,
    .memory = 100ms,
    .pause_first = 10ms,
    .pause_longest = 25ms,
    .successes_to_close = 2,
    .probe_patience = 50ms};

const time_point start{1h};

void fail(circuit_breaker& x, time_point now) { x.failed(x.admit(now).value(), now); }
void succeed(circuit_breaker& x, time_point now) { x.succeeded(x.admit(now).value(), now); }

/// Open since `start`, for 10 ms.
circuit_breaker opened() {
  circuit_breaker x{small_terms};
  fail(x, start);
  fail(x, start);
  return x;
}

}  // namespace

TEST_CASE("a service that answers is asked") {
  circuit_breaker x;
  for (int i = 0; i < 1000; ++i) succeed(x, start + i * 1ms);
  CHECK(x.current() == state::closed);
}

TEST_CASE("a few failures among answers change nothing, and half of them open it") {
  circuit_breaker x;
  for (int i = 0; i < 11; ++i) succeed(x, start);
  for (int i = 0; i < 9; ++i) fail(x, start);
  CHECK(x.current() == state::closed);
  fail(x, start);
  CHECK(x.current() == state::open);
}

TEST_CASE("fewer results than are needed for a judgement open nothing") {
  circuit_breaker x;
  for (int i = 0; i < 9; ++i) fail(x, start);
  CHECK(x.current() == state::closed);
  fail(x, start);
  CHECK(x.current() == state::open);
}

TEST_CASE("failures of long ago do not count") {
  circuit_breaker x{small_terms};
  fail(x, start);
  succeed(x, start + 101ms);
  succeed(x, start + 101ms);
  fail(x, start + 102ms);
  CHECK(x.current() == state::closed);
}

TEST_CASE("an open one refuses until its pause is over, and then lets one call through") {
  auto x = opened();
  CHECK_FALSE(x.admit(start + 9ms));
  CHECK(x.refuses_until() == start + 10ms);
  auto probe = x.admit(start + 10ms);
  REQUIRE(probe);
  CHECK(x.current() == state::half_open);
  CHECK_FALSE(x.admit(start + 10ms));
  x.succeeded(*probe, start + 11ms);
  CHECK(x.current() == state::half_open);
  succeed(x, start + 12ms);
  CHECK(x.current() == state::closed);
}

TEST_CASE("a probe that fails opens it for twice as long, up to the longest pause, and a recovery starts anew") {
  auto x = opened();
  auto now = start;
  for (auto pause : {20ms, 25ms, 25ms}) {
    now = x.refuses_until();
    fail(x, now);
    CHECK(x.current() == state::open);
    CHECK(x.refuses_until() == now + pause);
  }
  now = x.refuses_until();
  succeed(x, now);
  succeed(x, now);
  fail(x, now);
  fail(x, now);
  CHECK(x.refuses_until() == now + 10ms);
}

TEST_CASE("a probe that is never heard of again counts as failed") {
  auto x = opened();
  REQUIRE(x.admit(start + 10ms));
  CHECK_FALSE(x.admit(start + 59ms));
  CHECK_FALSE(x.admit(start + 60ms));
  CHECK(x.current() == state::open);
  CHECK(x.refuses_until() == start + 80ms);
}

TEST_CASE("a probe that was not made gives its place to the next") {
  auto x = opened();
  x.returned(x.admit(start + 10ms).value());
  CHECK(x.current() == state::half_open);
  CHECK(x.admit(start + 10ms));
}

TEST_CASE("what a call says that was made in another period counts for nothing") {
  circuit_breaker x{small_terms};
  auto late = x.admit(start).value();
  fail(x, start);
  fail(x, start);
  x.succeeded(late, start);
  x.failed(late, start);
  CHECK(x.current() == state::open);
  CHECK(x.refuses_until() == start + 10ms);
  auto probe = x.admit(start + 10ms).value();
  x.failed(late, start + 10ms);
  x.returned(late);
  CHECK(x.current() == state::half_open);
  CHECK_FALSE(x.admit(start + 10ms));
  x.succeeded(probe, start + 10ms);
  succeed(x, start + 10ms);
  CHECK(x.current() == state::closed);
}

namespace {

enum class act : std::uint8_t { take, oldest_succeeds, oldest_fails, oldest_returns, newest_fails, wait_5, wait_30 };
constexpr std::array acts{act::take,         act::oldest_succeeds, act::oldest_fails, act::oldest_returns,
                          act::newest_fails, act::wait_5,          act::wait_30};

/// The breaker, and what must be true of it, told by what was done to it and not by how it works.
struct walk {
  circuit_breaker breaker{small_terms};
  time_point now = start;
  std::vector<circuit_breaker::ticket> held;
  std::uint64_t period = 0;                        // of the tickets that count
  std::deque<std::pair<time_point, bool>> latest;  // results while closed
  std::chrono::milliseconds pause{0};
  int successes = 0;
  std::optional<time_point> probing;

  void expect_open(std::chrono::milliseconds for_time) {
    pause = for_time;
    REQUIRE(breaker.current() == state::open);
    REQUIRE(breaker.refuses_until() == now + pause);
    latest.clear();
    probing.reset();
    successes = 0;
  }
  [[nodiscard]] std::chrono::milliseconds longer() const {
    return std::min<std::chrono::milliseconds>(pause * 2, 25ms);
  }

  void take() {
    auto before = breaker.current();
    auto pause_ends = breaker.refuses_until();
    auto ticket = breaker.admit(now);
    if (ticket) held.push_back(*ticket);
    switch (before) {
      case state::closed: REQUIRE(ticket); break;
      case state::open:
        REQUIRE(ticket.has_value() == (now >= pause_ends));
        REQUIRE(breaker.current() == (ticket ? state::half_open : state::open));
        if (ticket) probing = now;
        break;
      case state::half_open:
        REQUIRE(ticket.has_value() == !probing);
        if (probing && now - *probing >= 50ms)
          expect_open(longer());
        else if (ticket)
          probing = now;
        break;
    }
    if (ticket) period = ticket->period;
  }

  void result(std::size_t which, std::optional<bool> is_failure) {
    if (held.empty()) return;
    auto ticket = held[which];
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    auto before = breaker.current();
    auto pause_ends = breaker.refuses_until();
    // Half-open, only the probe under way counts; open, nothing does.
    bool counts = ticket.period == period && (before == state::closed || (before == state::half_open && probing));
    if (!is_failure)
      breaker.returned(ticket);
    else if (*is_failure)
      breaker.failed(ticket, now);
    else
      breaker.succeeded(ticket, now);
    if (!counts) {
      REQUIRE(breaker.current() == before);
      REQUIRE(breaker.refuses_until() == pause_ends);
      return;
    }
    if (before == state::half_open)
      after_probe(is_failure);
    else if (is_failure)
      after_result(*is_failure);
  }

  void after_probe(std::optional<bool> is_failure) {
    probing.reset();
    if (!is_failure) return;
    if (*is_failure) return expect_open(longer());
    if (++successes < 2) {
      REQUIRE(breaker.current() == state::half_open);
      return;
    }
    REQUIRE(breaker.current() == state::closed);
    pause = 0ms;
    successes = 0;
    period = ~std::uint64_t{0};  // until the next ticket says
  }

  void after_result(bool is_failure) {
    latest.emplace_back(now, is_failure);
    if (latest.size() > 4) latest.pop_front();
    while (now - latest.front().first > 100ms) latest.pop_front();
    auto failures = std::count_if(latest.begin(), latest.end(), [](const auto& x) { return x.second; });
    bool opens = is_failure && latest.size() >= 2 && 2 * failures >= static_cast<std::ptrdiff_t>(latest.size());
    if (opens)
      expect_open(10ms);
    else
      REQUIRE(breaker.current() == state::closed);
  }

  void go(act what) {
    switch (what) {
      case act::take: return take();
      case act::oldest_succeeds: return result(0, false);
      case act::oldest_fails: return result(0, true);
      case act::oldest_returns: return result(0, std::nullopt);
      case act::newest_fails: return result(held.size() - 1, true);
      case act::wait_5: now += 5ms; return;
      case act::wait_30: now += 30ms; return;
    }
  }
};

std::size_t walk_all(const walk& from, int steps) {
  if (steps == 0) return 1;
  std::size_t walked = 0;
  for (auto each : acts) {
    // What does nothing where it stands has been walked as the shorter sequence.
    if (from.held.empty() && each >= act::oldest_succeeds && each <= act::newest_fails) continue;
    auto next = from;
    next.go(each);
    walked += walk_all(next, steps - 1);
  }
  return walked;
}

}  // namespace

TEST_CASE("in every sequence of up to nine events the breaker keeps its rules") {
  CHECK(walk_all({}, 9) > 100'000);
  // And from where two failures have brought it.
  walk open;
  for (int i = 0; i < 2; ++i) {
    open.go(act::take);
    open.go(act::oldest_fails);
  }
  REQUIRE(open.breaker.current() == state::open);
  CHECK(walk_all(open, 9) > 100'000);
}
