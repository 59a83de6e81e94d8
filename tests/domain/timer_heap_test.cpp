#include "actors/timer_heap.hpp"

#include <rapidcheck.h>
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>

#include "tests/protocols/samples.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

entity_ref entity(std::uint64_t n) { return ref(nth<order_id>(n)); }

}  // namespace

TEST_CASE("timers come due as a plain map says they do") {
  CHECK(rc::check([] {
    timer_heap heap;
    std::map<entity_ref, instant> plain;
    auto now = noon;
    auto steps = *rc::gen::inRange(0, 600);
    for (int i = 0; i < steps; ++i) {
      auto who = entity(*rc::gen::inRange<std::uint64_t>(0, 20));
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
          heap.set(who, {});
          plain.erase(who);
          break;
        case 1: {
          now = now + duration{*rc::gen::inRange(0, 50)};
          std::vector<std::pair<instant, entity_ref>> expected;
          for (const auto& [e, due] : plain)
            if (due <= now) expected.emplace_back(due, e);
          auto taken = heap.take_due(now);
          RC_ASSERT(taken.size() == expected.size());
          for (std::size_t k = 0; k + 1 < taken.size(); ++k) RC_ASSERT(plain.at(taken[k]) <= plain.at(taken[k + 1]));
          std::ranges::sort(expected, {}, [](const auto& x) { return x.second; });
          std::ranges::sort(taken);
          for (std::size_t k = 0; k < taken.size(); ++k) RC_ASSERT(taken[k] == expected[k].second);
          for (const auto& e : taken) plain.erase(e);
          break;
        }
        default: {
          auto due = now + duration{*rc::gen::inRange(-10, 100)};
          heap.set(who, due);
          plain[who] = due;
        }
      }
      RC_ASSERT(heap.size() == plain.size());
    }
  }));
}

TEST_CASE("a timer set again fires once, at the later setting") {
  timer_heap heap;
  heap.set(entity(1), noon + duration{10});
  heap.set(entity(1), noon + duration{20});
  heap.set(entity(1), noon + duration{20});
  CHECK(heap.take_due(noon + duration{15}).empty());
  CHECK(heap.take_due(noon + duration{20}).size() == 1);
  CHECK(heap.take_due(noon + duration{99}).empty());
}

TEST_CASE("setting timers again and again does not pile them up") {
  timer_heap heap;
  for (int i = 0; i < 1'000'000; ++i) heap.set(entity(static_cast<std::uint64_t>(i % 10)), noon + duration{i});
  CHECK(heap.size() == 10);
  CHECK(heap.take_due(noon + duration{1'000'000}).size() == 10);
}
