/// Faults 13 and 14: many who want the same thing at once, while nodes die.
#include <random>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/offer_races.hpp"
#include "tests/faults/support/shared_cluster.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;
constexpr std::size_t clients = 50;
constexpr std::size_t keys_at_once = 10;
/// Time for some races, on which the next death falls.
constexpr auto time_between_kills = 3s;

struct keyed_request {
  call what;
  std::string customer;
  std::vector<reply> answers;
};

/// Fifty clients of each request, on all nodes in turn, all at once.
class keyed_crowd {
 public:
  keyed_crowd(cluster_under_test& cluster, std::vector<keyed_request>& requests) {
    for (auto& each : requests)
      for (std::size_t i = 0; i < clients; ++i) {
        auto ask = [this, &cluster, &each, i]() -> asio::awaitable<void> {
          roaming_client client{
              context_.get_executor(), cluster.ports(), i, [&] { return cluster.token("CUSTOMER", each.customer); }};
          auto got = co_await client.insist(each.what);
          each.answers.push_back(std::move(got));
        };
        life_.push_back(ask);
      }
    // The closures live as long as their coroutines.
    for (auto& each : life_)
      asio::co_spawn(context_, each, [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
    thread_ = std::thread{[this] { context_.run(); }};
  }
  ~keyed_crowd() { wait(); }
  keyed_crowd(const keyed_crowd&) = delete;
  keyed_crowd& operator=(const keyed_crowd&) = delete;

  void wait() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  asio::io_context context_{1};
  std::vector<std::function<asio::awaitable<void>()>> life_;
  std::thread thread_;
};

void kill_and_replace(cluster_under_test& cluster, std::size_t victim) {
  cluster.kill(victim);
  REQUIRE(eventually(15s, [&] { return cluster.is_owned(); }));
  cluster.start(victim);
  REQUIRE(cluster.await_settled());
}

}  // namespace

TEST_CASE("fault 13: fifty clients on three nodes place one order with one key although a node dies",
          "[fault-13][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  auto town = shared.town();
  town.resize(keys_at_once);
  std::mt19937 random{13};
  auto until = steady::now() + time_for_repeats();
  std::size_t wrong = 0, keys = 0;
  for (int i = 0; i < 1 || steady::now() < until; ++i) {
    auto victim = random() % nodes;
    cluster.await_judge_besides({victim});
    std::vector<keyed_request> requests;
    for (const auto& kitchen : town)
      requests.push_back({{"POST", "/v1/orders/checkout", checkout_body(kitchen), system_tests::new_uuid()},
                          system_tests::new_uuid(),
                          {}});
    keyed_crowd crowd{cluster, requests};
    std::this_thread::sleep_for(milliseconds{random() % 150});
    kill_and_replace(cluster, victim);
    crowd.wait();
    for (const auto& each : requests) {
      std::set<std::string> orders;
      CHECK(each.answers.size() == clients);
      for (const auto& got : each.answers)
        orders.insert(got.status == 201 ? got.json()["orderId"].get<std::string>() : got.body);
      INFO("first answer: " << *orders.begin());
      auto placed = cluster.db().number(
          fmt::format("select count(*) from ordering.order_head where customer_id = '{}'", each.customer));
      CHECK((orders.size() == 1 && placed == 1));
      wrong += orders.size() != 1 || placed != 1;
      ++keys;
      system_tests::http_request other{
          each.what.method,
          each.what.target,
          checkout_body(town.front(), "something else"),
          {{"Idempotency-Key", each.what.key}}};
      CHECK(insist(cluster, "CUSTOMER", each.customer, other, 422).code() == "idempotency-key-reused");
    }
  }
  note_figure(13, "keys, each by 50 clients", static_cast<double>(keys), "");
  CHECK(meets(13, "keys with another number of orders than one", static_cast<double>(wrong), "", exactly(0)));
  CHECK(verdict(cluster) == std::vector<std::string>{});
}

TEST_CASE("fault 14: two partners accept one offer at once, again and again, one wins each time although nodes die",
          "[fault-14][shared]") {
  shared_cluster shared;
  auto& cluster = *shared;
  auto towns = open_kitchens(cluster, 10, true);
  offer_races races{cluster, towns};
  std::mt19937 random{14};
  auto until = steady::now() + time_for_repeats();
  for (int i = 0; i < 1 || steady::now() < until; ++i) {
    auto victim = random() % nodes;
    cluster.await_judge_besides({victim});
    std::this_thread::sleep_for(time_between_kills);
    kill_and_replace(cluster, victim);
  }
  races.stop();
  const auto& result = races.result();
  note_figure(14, "races", static_cast<double>(result.races), "");
  CHECK(result.races > 100);
  CHECK(meets(14, "races with two winners", static_cast<double>(result.two_winners), "", exactly(0)));
  note_figure(14, "offers that reached one of the two only", static_cast<double>(result.asked_one_only), "");
  note_figure(14, "orders of which neither heard", static_cast<double>(result.asked_nobody.size()), "");
  for (const auto& search : result.asked_nobody) WARN(search);
  CHECK(meets(14, "losers not told", static_cast<double>(result.complaints.size()), "", exactly(0)));
  CHECK(result.complaints == std::vector<std::string>{});
  CHECK(verdict(cluster) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
