/// What the edge counts, in CAF's own registry beside the metrics of the actors.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace dabba::http {

class metrics {
 public:
  explicit metrics(caf::actor_system& system);

  /// `route` is a pattern of the route table: text that lives as long as the process.
  void count_request(std::string_view route, unsigned status, double seconds);
  /// All metrics of the process as Prometheus text.
  std::string text();

  caf::telemetry::int_gauge* connections;
  caf::telemetry::int_gauge* sessions;
  caf::telemetry::int_counter* frames_in;
  caf::telemetry::int_counter* frames_out;
  caf::telemetry::int_counter* positions;
  caf::telemetry::int_counter* queue_overflows;

 private:
  struct of_route {
    caf::telemetry::int_counter* count;
    caf::telemetry::dbl_histogram* seconds;
  };

  caf::actor_system& system_;
  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* requests_;
  caf::telemetry::metric_family_impl<caf::telemetry::dbl_histogram>* seconds_;
  std::mutex mutex_;
  /// Looking them up in the registry is linear in their number.
  std::map<std::pair<const char*, unsigned>, of_route> known_;
};

}  // namespace dabba::http
