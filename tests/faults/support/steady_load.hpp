/// Customers who place, cancel and read orders on all nodes of a cluster, and partners of whom one lies in each shard
/// and begins and ends its shift all the time; all of them insist on an answer, whatever happens to the nodes. What
/// they were told is recorded for the checker, and when each shard acknowledged something, for measuring how long it
/// did not.
#pragma once

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "bench/city/checker.hpp"
#include "tests/faults/support/roaming_client.hpp"
#include "tests/faults/support/town.hpp"

namespace dabba::fault_tests {

/// Something that a shard's owner said was done.
struct acknowledgement {
  int shard = 0;
  steady::time_point began;  ///< of the client's first attempt
  steady::time_point at;
  int attempts = 0;
};

struct load_options {
  int buyers = 8;
  milliseconds between_orders{40};    ///< of one buyer
  double share_of_first_kitchen = 0;  ///< the other kitchens have equal shares of the rest
  double cancelled_share = 0.2;       ///< of the orders
  bool has_probes = true;
  milliseconds between_probes{500};  ///< in each shard
  milliseconds patience{60'000};     ///< how long each insists on an answer before it complains
};

class steady_load {
 public:
  steady_load(const cluster_under_test& cluster, std::vector<kitchen> kitchens, load_options options = {});
  ~steady_load();
  steady_load(const steady_load&) = delete;
  steady_load& operator=(const steady_load&) = delete;

  [[nodiscard]] std::size_t acknowledged_so_far() const { return acknowledged_so_far_.load(); }
  /// Waits until so many more were acknowledged.
  bool goes_on(std::size_t more, milliseconds patience = milliseconds{30'000}) const;
  /// What is under way goes on until it is acknowledged, for a bounded time.
  void stop();

  // Once stopped:
  [[nodiscard]] const std::vector<acknowledgement>& acknowledged() const { return acknowledged_; }
  [[nodiscard]] const city::recorded_history& history() const { return history_; }
  [[nodiscard]] const std::set<std::string>& customers() const { return customers_; }
  /// How many answers of each status; 0 is none.
  [[nodiscard]] const std::map<unsigned, std::size_t>& answers() const { return answers_; }
  /// Seconds from then to the last answer that asked to come again, or did not come; 0 when there was none.
  [[nodiscard]] double last_refusal_after(steady::time_point then) const;
  /// How long it took, at most, until a node said that it can't: in seconds.
  [[nodiscard]] double longest_refusal() const { return longest_refusal_; }
  /// Refusals that do not say when to come again, other unexpected answers, stale reads, what was never acknowledged.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  asio::awaitable<void> buy(int number);
  asio::awaitable<void> place_one(roaming_client& client, roaming_client& reader, const std::string& me);
  asio::awaitable<void> cancel(roaming_client& client, const std::string& me, const kitchen& from,
                               const std::string& order);
  asio::awaitable<void> read_back(roaming_client& reader, const std::string& order, std::int64_t version);
  asio::awaitable<void> probe(int shard);
  asio::awaitable<void> pause(milliseconds time);
  roaming_client client_for(const std::string& role, const std::string& who, std::size_t first_node);
  const kitchen& choose_kitchen();
  void acknowledge(int shard, const reply& got);
  void note_attempt(const reply& got);
  /// Runs it on the load's thread; what it throws is a complaint.
  void live(asio::awaitable<void> life);
  void complain(const std::string& what, const reply& got);
  double chance() { return std::uniform_real_distribution<double>{0, 1}(random_); }

  const cluster_under_test& cluster_;
  std::vector<std::uint16_t> ports_;
  std::vector<kitchen> kitchens_;
  load_options options_;
  std::mt19937 random_{7};
  asio::io_context context_{1};
  std::vector<acknowledgement> acknowledged_;
  std::vector<steady::time_point> refusals_;
  double longest_refusal_ = 0;
  city::recorded_history history_;
  std::set<std::string> customers_;
  std::map<unsigned, std::size_t> answers_;
  std::vector<std::string> complaints_;
  std::atomic<std::size_t> acknowledged_so_far_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// Per shard of `affected`: seconds from `fault` to the first acknowledgement after it. The time up to the next
/// question is counted, so a shard is asked often.
std::vector<double> resume_times(const steady_load& load, const std::set<int>& affected, steady::time_point fault);
/// Per shard: how long its slowest answer in [from, to) took, in seconds, from the client's first attempt.
std::vector<double> longest_waits(const steady_load& load, steady::time_point from, steady::time_point to);
/// How long answers in [from, to) took, of all shards but one.
std::vector<double> waits(const steady_load& load, steady::time_point from, steady::time_point to, int but_shard = -1);

}  // namespace dabba::fault_tests
