/// What a link has for another node: bounded in number and in bytes, and nothing is forgotten.
#include "actors/outgoing_parcels.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

constexpr std::size_t half = limits::parcel_bytes / 2;

question about(std::uint64_t who) { return envelope{ref(nth<order_id>(who)), 0, 0, read_state{}}; }

outgoing_parcels::clock::time_point in_time() { return outgoing_parcels::clock::now() + std::chrono::seconds{10}; }

/// Sends what there is; how many questions and answers each parcel held.
std::vector<std::pair<std::size_t, std::size_t>> send_all(outgoing_parcels& from) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  while (auto next = from.next()) {
    out.emplace_back(next->questions.size(), next->answers.size());
    from.keep(caf::make_message(std::move(*next)));
  }
  return out;
}

using sizes = std::vector<std::pair<std::size_t, std::size_t>>;

}  // namespace

TEST_CASE("a parcel is full when it has so many bytes, whether of questions or of answers") {
  outgoing_parcels out;
  for (std::uint64_t i = 1; i <= 3; ++i) CHECK(out.ask(about(i), true, in_time(), half) == i);
  for (std::uint64_t i = 1; i <= 3; ++i) out.answer(i, done{}, half);
  CHECK(send_all(out) == sizes{{0, 2}, {1, 1}, {2, 0}});
}

TEST_CASE("what is larger than a parcel goes alone") {
  outgoing_parcels out;
  out.answer(1, done{}, 5 * limits::parcel_bytes);
  out.answer(2, done{}, 1);
  CHECK(send_all(out) == sizes{{0, 1}, {0, 1}});
}

TEST_CASE("no more is on its way than the other side has passed on but for some bytes") {
  outgoing_parcels out;
  constexpr auto window = limits::unhandled_bytes / limits::parcel_bytes;
  for (std::uint64_t i = 1; i <= window + 5; ++i) out.answer(i, done{}, limits::parcel_bytes);
  CHECK(send_all(out).size() == window);
  CHECK(out.is_full());
  out.handled(3);
  CHECK(send_all(out).size() == 3);
  out.handled(window + 3);
  CHECK(send_all(out).size() == 2);
}

TEST_CASE("a parcel asks for word of what was passed on when a quarter of what may be under way is") {
  auto wants_word = [](std::size_t bytes, std::size_t parcels) {
    outgoing_parcels out;
    bool wants = false;
    for (std::size_t i = 0; i < parcels; ++i) {
      out.answer(i, done{}, bytes);
      auto next = out.next();
      REQUIRE(next);
      wants = next->wants_word;
      out.keep(caf::make_message(std::move(*next)));
    }
    return wants;
  };
  CHECK_FALSE(wants_word(1, limits::parcels_unhandled / 4 - 1));
  CHECK(wants_word(1, limits::parcels_unhandled / 4));
  CHECK_FALSE(wants_word(limits::unhandled_bytes / 4 - 1, 1));
  CHECK(wants_word(limits::unhandled_bytes / 4, 1));
}

TEST_CASE("answers for which there is no room are refusals, and questions are not taken") {
  outgoing_parcels out;
  constexpr auto most = limits::waiting_bytes;
  out.answer(1, done{}, most);
  out.answer(2, done{}, 1);
  auto first = out.next();
  REQUIRE(first);
  REQUIRE(first->answers.size() == 1);
  CHECK(std::holds_alternative<reply>(first->answers[0].what));
  auto second = out.next();
  REQUIRE(second);
  CHECK(std::get<errc>(second->answers[0].what) == errc::overloaded);
  CHECK(out.ask(about(1), true, in_time(), most));
  CHECK_FALSE(out.ask(about(2), true, in_time(), 1));
}

TEST_CASE("what was not handled when the connection ended is found again, sent or not") {
  outgoing_parcels out;
  REQUIRE(out.ask(about(1), false, in_time(), 10));
  auto handled = out.next();
  REQUIRE(handled);
  out.keep(caf::make_message(std::move(*handled)));
  REQUIRE(out.ask(about(2), false, in_time(), 10));
  auto sent = out.next();
  REQUIRE(sent);
  out.keep(caf::make_message(std::move(*sent)));
  REQUIRE(out.ask(about(3), false, in_time(), 10));
  REQUIRE(out.ask(about(4), true, in_time(), 10));
  out.handled(1);
  auto lost = out.take_all();
  auto untold = lost.untold();
  REQUIRE(untold.size() == 2);
  CHECK(std::get<envelope>(untold[0]).to == ref(nth<order_id>(2)));
  CHECK(std::get<envelope>(untold[1]).to == ref(nth<order_id>(3)));
  auto asked = lost.take(4, {});
  REQUIRE(asked);
  CHECK(std::get<envelope>(*asked).to == ref(nth<order_id>(4)));
  CHECK(out.is_empty());
}
