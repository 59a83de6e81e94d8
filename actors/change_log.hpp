/// What a node says and counts of the changes it made to the cluster's tables. Shards come and go a few at a time: what
/// came of that is said together.
#pragma once

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "actors/cluster_metrics.hpp"
#include "protocols/model/cluster.hpp"

namespace dabba {

class change_log {
 public:
  change_log(std::function<void(const std::string&)> report, const membership_metrics& counted)
      : report_{std::move(report)}, counted_{counted} {}

  void note(const cluster_change& what) {
    std::visit([this](const auto& x) { add(x); }, what);
  }
  /// Says how many shards came and went since it was said last, if any did.
  void say() {
    if (moved_.empty()) return;
    auto join = [](std::string&& all, const auto& each) {
      return std::move(all) + (all.empty() ? "" : ", ") + each.first + " " + std::to_string(each.second);
    };
    report_("shards: " + std::accumulate(moved_.begin(), moved_.end(), std::string{}, join));
    moved_.clear();
  }

 private:
  void add(const come_up&) { report_("this node is up"); }
  void add(const start_draining& x) { report_("node " + to_string(x.who) + " drains"); }
  void add(const leave&) { report_("this node has left"); }
  void add(const declare_dead& x) {
    report_("declared node " + to_string(x.who) + " dead: " + std::string{name(x.cause)});
  }
  void add(const take_over& x) { move("took over", x.shards.size(), "taken_over"); }
  void add(const ask_handoff& x) { move("asked for", x.shards.size(), "handed_in"); }
  void add(const hand_over& x) { move("handed over", x.shards.size(), "handed_out"); }
  void add(const force_handoff& x) { move("forced the handoff of", x.shards.size(), "forced"); }
  void add(const keep_shards& x) { move("kept", x.shards.size()); }

  void move(const std::string& verb, std::size_t count, std::string_view way = {}) {
    if (!way.empty()) counted_.moves[way].inc(static_cast<std::int64_t>(count));
    auto known = std::ranges::find(moved_, verb, &std::pair<std::string, std::size_t>::first);
    if (known == moved_.end())
      moved_.emplace_back(verb, count);
    else
      known->second += count;
  }

  std::function<void(const std::string&)> report_;
  const membership_metrics& counted_;
  std::vector<std::pair<std::string, std::size_t>> moved_;  ///< how many were, by what was done with them
};

}  // namespace dabba
