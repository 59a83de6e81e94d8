/// How many wrong passwords are too many, and for whom.
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <thread>

#include "tests/http-edge/support/people.hpp"

namespace dabba::test {
namespace {

/// The same request from many clients at once: how often there was which answer.
std::map<unsigned, int> at_once(int clients, const std::function<got()>& request) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::map<unsigned, int> statuses;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&] {
      auto status = request().status;
      std::lock_guard lock{mutex};
      ++statuses[status];
    });
  for (auto& each : threads) each.join();
  return statuses;
}

TEST_CASE("right passwords are not refused, however many come at once") {
  platform p;
  member kitchen{p, "kitchen@example.org", "RESTAURANT"};
  for (int i = 0; i < limits::failed_logins - 1; ++i) log_in(p, kitchen.email, "wrong password");
  set_hook(p, &account_rows::before_login, [] { std::this_thread::sleep_for(std::chrono::milliseconds{20}); });
  auto statuses = at_once(12, [&] { return log_in(p, kitchen.email); });
  CHECK(statuses == std::map<unsigned, int>{{200, 12}});
}

TEST_CASE("guesses at once are bounded, too") {
  edge_options options;
  options.account_threads = 2 * limits::logins_under_way;  // those that wait leave some for others
  platform p{options};
  member asha{p, "asha@example.org"};
  std::atomic<int> refused{0}, told_when{0};
  // Nobody gets on until those who are too many have been told so.
  set_hook(p, &account_rows::before_login, [&] {
    for (int i = 0; i < 500 && refused < 4; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  });
  auto statuses = at_once(limits::logins_under_way + 4, [&] {
    auto answer = log_in(p, asha.email);
    if (answer.status == 429) ++refused;
    if (answer.header("retry-after") == "1") ++told_when;
    return answer;
  });
  CHECK(told_when == 4);
  CHECK(statuses == std::map<unsigned, int>{{200, limits::logins_under_way}, {429, 4}});
  set_hook(p, &account_rows::before_login, {});
  CHECK(log_in(p, asha.email).status == 200);
}

TEST_CASE("what was not found wrong does not count, and a wrong password is not told before it counts") {
  platform p;
  member asha{p, "asha@example.org"};
  auto turn = [&](bool is_away) {
    std::lock_guard lock{p.world().mutex};
    p.world().is_store_away = is_away;
  };
  set_hook(p, &account_rows::before_count, [&] { turn(true); });
  for (int i = 0; i < 2 * limits::failed_logins; ++i) {
    CHECK(log_in(p, asha.email, "wrong password").status == 503);
    CHECK(log_in(p, asha.email).status == 503);
    turn(false);
  }
  CHECK(log_in(p, asha.email).status == 200);
}

TEST_CASE("a stranger's failures keep nobody out who comes from elsewhere") {
  edge_options options;
  options.trusted_proxies = {"127.0.0.1"};
  platform p{options};
  member asha{p, "asha@example.org"};
  auto try_from = [&](const std::string& client, const std::string& password) {
    return post(p, "/v1/auth/login", {{"email", asha.email}, {"password", password}}, {}, {{"X-Forwarded-For", client}})
        .status;
  };
  for (int i = 0; i < limits::failed_logins; ++i) CHECK(try_from("198.51.100.1", "wrong password") == 401);
  CHECK(try_from("198.51.100.1", good_password) == 429);
  CHECK(try_from("198.51.100.2", good_password) == 200);
  // A success elsewhere is no reason to let the stranger go on.
  CHECK(try_from("198.51.100.1", "wrong password") == 429);
}

TEST_CASE("too many failed attempts have to wait, and a good one clears the count") {
  platform p;
  member asha{p, "asha@example.org"};
  for (int i = 0; i < limits::failed_logins - 1; ++i) CHECK(log_in(p, asha.email, "wrong password").status == 401);
  CHECK(log_in(p, asha.email).status == 200);
  for (int i = 0; i < limits::failed_logins; ++i) CHECK(log_in(p, asha.email, "wrong password").status == 401);
  auto refused = log_in(p, asha.email);
  CHECK(refused.status == 429);
  CHECK(refused.parsed().at("code") == "too-many-attempts");
  CHECK(refused.header("retry-after") == "90");
  CHECK(log_in(p, "another@example.org").status == 401);
}

}  // namespace
}  // namespace dabba::test
