#include "http-edge/metrics.hpp"

#include <array>
#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/metric_registry.hpp>

namespace dabba::http {
namespace {

constexpr std::array latency_bounds_s{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0};

caf::string_view view(std::string_view x) { return {x.data(), x.size()}; }

}  // namespace

metrics::metrics(caf::actor_system& system) : system_{system} {
  auto& registry = system.metrics();
  connections = registry.gauge_singleton("dabba.edge", "connections", "Open connections.");
  sessions = registry.gauge_singleton("dabba.edge", "sessions", "Open WebSockets.");
  frames_in = registry.counter_singleton("dabba.edge", "frames-in", "WebSocket messages received.", "1", true);
  frames_out = registry.counter_singleton("dabba.edge", "frames-out", "WebSocket messages sent.", "1", true);
  positions = registry.counter_singleton("dabba.edge", "positions", "Positions received.", "1", true);
  queue_overflows = registry.counter_singleton(
      "dabba.edge", "queue-overflows", "Readers closed because they were too slow.", "1", true);
  requests_ = registry.counter_family("dabba.edge", "requests", {"route", "status"}, "HTTP requests.", "1", true);
  seconds_ = registry.histogram_family<double>(
      "dabba.edge", "request-time", {"route"}, latency_bounds_s, "Time to answer an HTTP request.", "seconds");
}

void metrics::count_request(std::string_view route, unsigned status, double seconds) {
  std::lock_guard lock{mutex_};
  auto [found, is_new] = known_.try_emplace({route.data(), status});
  if (is_new) {
    auto code = std::to_string(status);
    found->second = {requests_->get_or_add({{"route", view(route)}, {"status", view(code)}}),
                     seconds_->get_or_add({{"route", view(route)}})};
  }
  found->second.count->inc();
  found->second.seconds->observe(seconds);
}

std::string metrics::text() {
  caf::telemetry::collector::prometheus collector;
  auto text = collector.collect_from(system_.metrics());
  return {text.data(), text.size()};
}

}  // namespace dabba::http
