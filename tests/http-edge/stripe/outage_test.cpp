/// Our client and a sandbox that is slow, answers errors, loses answers, is away, or is killed and started again.
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/http-edge/stripe/sandbox.hpp"

using namespace dabba;
using namespace dabba::stripe_tests;
using namespace std::chrono_literals;

namespace {

std::int64_t payments_of(sandbox& gate) {
  std::int64_t count = 0;
  const auto totals = gate.totals();
  for (const auto& each : totals.at("payment_intents")) count += each.get<std::int64_t>();
  return count;
}

}  // namespace

TEST_CASE("errors and lost answers on every second request: each payment is made once") {
  for (const auto* faults : {R"({"error_rate": 0.5, "error_point": "before"})",
                             R"({"error_rate": 0.5, "error_point": "after"})", R"({"lost_answer_rate": 0.5})"}) {
    INFO(faults);
    sandbox gate{{"--seed", "7"}};
    stripe::gateway client{gate.client_options()};
    gate.set_faults(faults);
    for (int i = 0; i < 20; ++i) REQUIRE(client.create(some_payment(), in(20s)));
    CHECK(payments_of(gate) == 20);
  }
}

TEST_CASE("an error that is kept for the key leaves the outcome unknown, and the payment is found in the list") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  gate.set_faults(R"({"error_rate": 1, "error_point": "stored"})");
  auto what = some_payment();
  auto first = client.create(what, in(5s));
  REQUIRE_FALSE(first);
  CHECK(first.error().what == gateway_errc::outcome_unknown);
  gate.set_faults(R"({"error_rate": 0})");
  CHECK(client.create(what, in(5s)).error().what == gateway_errc::outcome_unknown);
  auto listed = client.list_payments({}, std::nullopt, in(5s)).value();
  REQUIRE(listed.payments.size() == 1);
  CHECK(listed.payments.front().order == what.order);
}

TEST_CASE("slower than the deadline: the outcome is unknown, and a repeat with the same key finds the payment") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  gate.set_faults(R"({"latency_ms": 700})");
  auto what = some_payment();
  auto begin = std::chrono::steady_clock::now();
  auto hasty = client.create(what, in(200ms));
  CHECK(std::chrono::steady_clock::now() - begin < 600ms);
  REQUIRE_FALSE(hasty);
  CHECK(hasty.error().what == gateway_errc::outcome_unknown);
  // The first is still under way: the gateway says so, and the client asks again until it is done.
  REQUIRE(client.create(what, in(10s)));
  CHECK(payments_of(gate) == 1);
  gate.set_faults(R"({"latency_ms": 0})");
  CHECK(client.retrieve({"pi_any"}, in(5s)).error().what == gateway_errc::not_found);
}

TEST_CASE("a question has no unknown outcome: it is asked again or can't be answered now") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  gate.set_faults(R"({"lost_answer_rate": 1})");
  CHECK(client.retrieve({"pi_any"}, in(300ms)).error().what == gateway_errc::unavailable);
}

TEST_CASE("down for a time: the client waits for it as long as it may") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  gate.set_faults(R"({"down_ms": 600})");
  CHECK(client.create(some_payment(), in(10s)));
  CHECK(payments_of(gate) == 1);
}

TEST_CASE("nobody listens: nothing was done, and that is certain") {
  sandbox gate;
  auto options = gate.client_options();
  options.retries.attempts = 3;
  stripe::gateway client{std::move(options)};
  gate.kill();
  auto refused = client.create(some_payment(), in(5s));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == gateway_errc::unavailable);
}

TEST_CASE("no time left is no attempt") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  CHECK(client.create(some_payment(), in(-1ms)).error().what == gateway_errc::unavailable);
  CHECK(payments_of(gate) == 0);
}

TEST_CASE("killed and started again in the middle of payments being made: each is made once, none is forgotten") {
  sandbox gate{{"--latency-spread-ms", "20"}};
  stripe::gateway client{gate.client_options()};
  std::atomic<bool> ends = false;
  std::atomic<std::size_t> failed = 0;
  std::vector<std::vector<gateway_payment>> made(4);
  std::vector<std::thread> callers;
  for (auto& mine : made)
    callers.emplace_back([&] {
      while (!ends) {
        auto payment = client.create(some_payment(), in(20s));
        if (payment)
          mine.push_back(*payment);
        else
          ++failed;
      }
    });
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(150ms);
    gate.kill();
    gate.start();
  }
  ends = true;
  for (auto& each : callers) each.join();
  CHECK(failed == 0);
  std::size_t count = 0;
  for (const auto& mine : made) {
    for (const auto& each : mine) CHECK(client.retrieve(each.id, in(5s))->order == each.order);
    count += mine.size();
  }
  CHECK(count > 20);
  CHECK(payments_of(gate) == static_cast<std::int64_t>(count));
}

TEST_CASE("what was captured before it was killed is captured afterwards") {
  sandbox gate;
  stripe::gateway client{gate.client_options()};
  auto made = client.create(some_payment(30'000), in(5s)).value();
  gate.pay(made, "pm_card_visa");
  auto part = client.refund({some_payment().key, made.id, {10'000}}, in(5s)).value();
  gate.kill();
  gate.start();
  auto after = client.retrieve(made.id, in(5s)).value();
  CHECK(after.status == gateway_payment_status::captured);
  CHECK(after.captured == minor_units{30'000});
  CHECK(client.refunds_of(made.id, in(5s))->front().id == part.id);
  CHECK(client.refund({some_payment().key, made.id, {20'001}}, in(5s)).error().what == gateway_errc::invalid);
}

TEST_CASE("a gateway that is away is left alone after a few attempts, and asked again later") {
  sandbox gate;
  auto options = gate.client_options();
  options.retries.attempts = 1;
  options.breaker = {.window = 10, .least = 5, .pause_first = 300ms};
  std::vector<std::string> told;
  options.report = [&](const std::string& line) { told.push_back(line); };
  stripe::gateway client{std::move(options)};
  gate.kill();
  for (int i = 0; i < 5; ++i) CHECK(client.create(some_payment(), in(5s)).error().code == "no-answer");
  auto refused = client.create(some_payment(), in(5s));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "circuit-open");
  CHECK(refused.error().what == gateway_errc::unavailable);
  gate.start();
  CHECK(system_tests::eventually(5s, [&] { return client.create(some_payment(), in(5s)).has_value(); }));
  CHECK(client.create(some_payment(), in(5s)));
  CHECK(client.create(some_payment(), in(5s)));
  CHECK(told.size() == 2);
}

TEST_CASE("refusals of the gateway are answers: they do not open the circuit") {
  sandbox gate;
  auto options = gate.client_options();
  options.breaker = {.window = 10, .least = 5};
  stripe::gateway client{std::move(options)};
  for (int i = 0; i < 20; ++i) CHECK(client.create(some_payment(1), in(5s)).error().what == gateway_errc::invalid);
  CHECK(client.create(some_payment(), in(5s)));
}
