/// Towns of one restaurant and two partners each, in which both partners accept every offer at once, on different
/// nodes.
#pragma once

#include <atomic>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "tests/faults/support/roaming_client.hpp"
#include "tests/faults/support/town.hpp"

namespace dabba::fault_tests {

struct race_result {
  std::size_t races = 0;  ///< that somebody won
  std::size_t two_winners = 0;
  std::size_t nobody_won = 0;  ///< the offer had lapsed for both, as it may when its search lost its node
  // What was to tell a partner of its offer died with its node, and a search asks each partner once.
  std::size_t asked_one_only = 0;
  std::vector<std::string> asked_nobody;  ///< the searches, as operators see them
  std::vector<std::string> complaints;
};

class offer_races {
 public:
  offer_races(cluster_under_test& cluster, const std::vector<kitchen>& towns);
  ~offer_races() { stop(); }
  offer_races(const offer_races&) = delete;
  offer_races& operator=(const offer_races&) = delete;

  /// The races under way are run to their end.
  void stop();
  /// Once stopped.
  [[nodiscard]] const race_result& result() const { return result_; }

 private:
  struct person;
  struct town;

  asio::awaitable<void> race_on(kitchen where);
  asio::awaitable<bool> race_once(town& place);
  asio::awaitable<void> say_where(person& who, const kitchen& where);
  asio::awaitable<std::string> await_offer(person& who, const kitchen& where, const std::string& order);
  asio::awaitable<reply> ask(person& who, const char* method, std::string target, std::string body = "{}");
  asio::awaitable<reply> accept(person& who, std::string offer);
  void judge(const reply& first, const reply& second, const std::string& order);
  void complain(const std::string& what, const reply& got);

  cluster_under_test& cluster_;
  asio::io_context context_{1};
  race_result result_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace dabba::fault_tests
