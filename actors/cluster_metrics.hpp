/// What a node counts of its place in the cluster and of its journal; docs/operations.md says what each means.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include "protocols/model/enum_names.hpp"
#include "protocols/model/ids.hpp"

namespace dabba {

namespace metrics_detail {

inline constexpr std::array time_bounds_s{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5};

inline caf::string_view view(std::string_view x) { return {x.data(), x.size()}; }

}  // namespace metrics_detail

/// One metric for each value of a label, made when it is first used.
template <class Metric>
class labelled {
 public:
  explicit labelled(caf::telemetry::metric_family_impl<Metric>* family, std::string label)
      : family_{family}, label_{std::move(label)} {}

  Metric& operator[](std::string_view value) const {
    return *family_->get_or_add({{metrics_detail::view(label_), metrics_detail::view(value)}});
  }

 private:
  caf::telemetry::metric_family_impl<Metric>* family_;
  std::string label_;
};

/// Of the membership actor.
struct membership_metrics {
  explicit membership_metrics(caf::telemetry::metric_registry& all)
      : lease{all.gauge_singleton<double>(
            "dabba.cluster", "lease", "Time left of this node's lease; 0: it has none.", "seconds")},
        view{all.gauge_singleton("dabba.cluster", "view", "Version of the cluster's tables that this node knows.")},
        nodes{all.gauge_family("dabba.cluster", "nodes", {"state"}, "Nodes by state."), "state"},
        unowned{all.gauge_singleton("dabba.cluster", "shards-unowned", "Shards without a running owner.")},
        moves{all.counter_family("dabba.cluster", "shard-moves", {"way"}, "Shards that came and went.", "1", true),
              "way"},
        renewal_time{all.histogram_singleton<double>("dabba.cluster", "renewal-time", metrics_detail::time_bounds_s,
                                                     "Time to renew the lease and read the tables.", "seconds")},
        lock_losses{all.counter_singleton(
            "dabba.cluster", "lock-losses", "Times the connection that holds the node's lock was lost.", "1", true)} {
    // All of them from the start: Prometheus sees no increase in what was not there.
    for (const auto* way : {"taken_over", "handed_in", "handed_out", "forced"}) moves[way];
  }

  caf::telemetry::dbl_gauge* lease;
  caf::telemetry::int_gauge* view;
  labelled<caf::telemetry::int_gauge> nodes;
  caf::telemetry::int_gauge* unowned;
  labelled<caf::telemetry::int_counter> moves;
  caf::telemetry::dbl_histogram* renewal_time;
  caf::telemetry::int_counter* lock_losses;
};

/// Of the region and its links.
struct region_metrics {
  explicit region_metrics(caf::telemetry::metric_registry& all)
      : links{all.gauge_family("dabba.cluster", "links", {"state"}, "Connections to other nodes."), "state"},
        shards{all.gauge_family("dabba.cluster", "shards", {"state"}, "Shards of this node."), "state"},
        parked{all.gauge_singleton("dabba.cluster", "parked", "Commands that wait for a shard's owner.")},
        parked_refused{all.counter_singleton(
            "dabba.cluster", "parked-refused", "Commands refused because no owner was found in time.", "1", true)},
        epoch{
            all.gauge_family("dabba.shard", "epoch", {"shard"}, "Epoch of each shard that is served here."), "shard"} {}

  labelled<caf::telemetry::int_gauge> links;
  labelled<caf::telemetry::int_gauge> shards;
  caf::telemetry::int_gauge* parked;
  caf::telemetry::int_counter* parked_refused;
  labelled<caf::telemetry::int_gauge> epoch;
};

struct link_metrics {
  explicit link_metrics(caf::telemetry::metric_registry& all)
      : questions{all.counter_family("dabba.cluster", "questions", {"way"}, "Messages between nodes.", "1", true),
                  "way"},
        sent{&questions["sent"]},
        received{&questions["received"]},
        returned{&questions["returned"]},
        refused{&questions["refused"]},
        buffers{all.gauge_family("dabba.cluster", "link-buffers", {"what"}, "What the links hold."), "what"},
        unsent{&buffers["questions_unsent"]},
        awaited{&buffers["answers_awaited"]},
        bytes{&buffers["bytes_unsent"]} {}

  struct holdings {
    std::size_t unsent = 0;
    std::size_t awaited = 0;
    std::size_t bytes = 0;
  };
  /// What the link holds now; all links of a node count together.
  void hold(const holdings& now) {
    auto add = [](auto* to, std::size_t before, std::size_t after) {
      to->inc(static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before));
    };
    add(unsent, held.unsent, now.unsent);
    add(awaited, held.awaited, now.awaited);
    add(bytes, held.bytes, now.bytes);
    held = now;
  }

  labelled<caf::telemetry::int_counter> questions;
  caf::telemetry::int_counter* sent;
  caf::telemetry::int_counter* received;
  caf::telemetry::int_counter* returned;  ///< the other node did not own the shard, or was lost
  caf::telemetry::int_counter* refused;   ///< too many were under way
  labelled<caf::telemetry::int_gauge> buffers;
  caf::telemetry::int_gauge* unsent;
  caf::telemetry::int_gauge* awaited;
  caf::telemetry::int_gauge* bytes;
  holdings held;  ///< as was told
};

/// Of a journal actor.
struct journal_metrics {
  explicit journal_metrics(caf::telemetry::metric_registry& all)
      : queue{all.gauge_singleton("dabba.journal", "queue", "Commands that wait to be written.")},
        batch_time{all.histogram_singleton<double>("dabba.journal", "batch-time", metrics_detail::time_bounds_s,
                                                   "Time to write a batch of commands.", "seconds")},
        failures{all.counter_family("dabba.journal", "failures", {"why"}, "Commands that were not written.", "1", true),
                 "why"},
        writes{
            all.counter_family("dabba.shard", "writes", {"shard"}, "Commands written, by shard.", "1", true), "shard"},
        write_time{
            all.counter_family<double>("dabba.shard", "write", {"shard"},
                                       "Time that written commands took in the journal, by shard.", "seconds", true),
            "shard"} {}

  caf::telemetry::int_gauge* queue;
  caf::telemetry::dbl_histogram* batch_time;
  labelled<caf::telemetry::int_counter> failures;
  labelled<caf::telemetry::int_counter> writes;
  labelled<caf::telemetry::dbl_counter> write_time;
};

}  // namespace dabba
