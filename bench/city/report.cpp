#include "bench/city/report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace dabba::city {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t problems_shown = 10;

class table {
 public:
  template <class... Args>
  void row(const char* name, fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format("  {:<26}{}\n", name, fmt::format(format, std::forward<Args>(args)...));
  }
  void heading(const std::string& name) { text_ += fmt::format("{}{}\n", text_.empty() ? "" : "\n", name); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string minutes(const std::optional<double>& value) { return value ? fmt::format("{:.2f} min", *value) : "-"; }

double per(std::uint64_t count, std::size_t orders) {
  return static_cast<double>(count) / static_cast<double>(std::max<std::size_t>(1, orders));
}

std::size_t count_of(const day_report& r, const std::string& status) {
  const auto it = r.by_status.find(status);
  return it == r.by_status.end() ? 0 : it->second;
}

void add_orders(table& t, const day_report& r) {
  const auto& m = r.measures;
  t.heading(fmt::format("{} at {:g} times real speed, {:.0f} s", r.instance, r.speed, r.real_seconds));
  t.row("orders", "{}", m.orders);
  t.row("delivered", "{}", m.delivered);
  t.row("cancelled", "{}", count_of(r, "CANCELLED"));
  t.row("undelivered", "{}", count_of(r, "UNDELIVERABLE"));
  for (const auto& [status, count] : r.by_status)
    if (status != "DELIVERED" && status != "CANCELLED" && status != "UNDELIVERABLE")
      t.row(fmt::format("left as {}", status).c_str(), "{}", count);
  t.row("click to door", "mean {}, p90 {}", minutes(m.click_to_door), minutes(m.click_to_door_p90));
  t.row("ready to pickup", "mean {}", minutes(m.ready_to_pickup));
  t.row("excess over the bound", "mean {} (bound {:.2f} min)", minutes(m.excess), m.bound);
  t.row("beyond the target", "mean {}", minutes(m.overage));
  t.row("orders per bundle", "{:.2f}", m.orders_per_bundle);
  t.row("partner utilisation", "{:.1f} %", 100 * m.utilisation);
  t.row("cost per order", "{:.2f}", m.cost_per_order);
}

void add_traffic(table& t, const day_report& r) {
  const auto& c = r.counts;
  t.heading("offers");
  t.row("offers", "{} ({:.2f} per order)", c.offers, per(c.offers, r.measures.orders));
  t.row("accepts", "{} sent, {} won, {} too late (409)", c.accepts, c.awards, c.too_late);
  t.row("declines", "{}", c.declines);
  t.row("withdrawn", "{}", c.withdrawn);
  t.row("given back, lost", "{}, {}", c.releases, c.lost_jobs);
  t.heading("traffic");
  t.row("positions sent", "{}", c.positions_sent);
  t.row("frames received", "{}", c.frames_received);
  t.row("sockets", "{}, regained {} times", c.sockets_opened, c.reconnects);
  t.row("orders found by polling", "{}", c.found_by_polling);
  t.row("clock jumps", "{}", c.clock_jumps);
  t.row("HTTP requests", "{}", c.requests_sent());
  for (const auto& [kind, k] : c.requests)
    t.row(("  " + kind).c_str(), "{:>7} answered, p50 {:6.2f} ms, p99 {:7.2f} ms, {} refused, {} busy, {} unanswered",
          k.answered, k.quantile_ms(0.5), k.quantile_ms(0.99), k.refused, k.busy, k.unanswered);
}

void add_verdict(table& t, const day_report& r) {
  t.heading("verdict");
  t.row("errors", "{}", r.error_count);
  for (std::size_t i = 0; i < std::min(problems_shown, r.errors.size()); ++i) t.row("", "{}", r.errors[i]);
  if (!r.checked) {
    t.row("checker", "the database could not be read");
    return;
  }
  t.row("checker", "{}", r.violations.empty() ? "found nothing" : fmt::format("{} violations", r.violations.size()));
  for (std::size_t i = 0; i < std::min(problems_shown, r.violations.size()); ++i)
    t.row("", "{}: {}", r.violations[i].invariant, r.violations[i].what);
}

ordered_json json_or_null(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json measures_json(const day_report& r) {
  const auto& m = r.measures;
  return {{"orders", m.orders},
          {"delivered", m.delivered},
          {"byStatus", r.by_status},
          {"clickToDoorMinutes", {{"mean", json_or_null(m.click_to_door)}, {"p90", json_or_null(m.click_to_door_p90)}}},
          {"readyToPickupMinutes", json_or_null(m.ready_to_pickup)},
          {"excessMinutes", json_or_null(m.excess)},
          {"boundMinutes", m.bound},
          {"overageMinutes", json_or_null(m.overage)},
          {"ordersPerBundle", m.orders_per_bundle},
          {"utilisation", m.utilisation},
          {"costPerOrder", m.cost_per_order}};
}

ordered_json traffic_json(const traffic& c) {
  ordered_json kinds = ordered_json::object();
  for (const auto& [kind, k] : c.requests)
    kinds[kind] = {{"answered", k.answered},     {"refused", k.refused},        {"busy", k.busy},
                   {"unanswered", k.unanswered}, {"p50Ms", k.quantile_ms(0.5)}, {"p99Ms", k.quantile_ms(0.99)}};
  return {{"offers", c.offers},
          {"accepts", c.accepts},
          {"awards", c.awards},
          {"tooLate", c.too_late},
          {"declines", c.declines},
          {"withdrawn", c.withdrawn},
          {"releases", c.releases},
          {"lostJobs", c.lost_jobs},
          {"positionsSent", c.positions_sent},
          {"framesReceived", c.frames_received},
          {"socketsOpened", c.sockets_opened},
          {"reconnects", c.reconnects},
          {"foundByPolling", c.found_by_polling},
          {"clockJumps", c.clock_jumps},
          {"requestsSent", c.requests_sent()},
          {"requests", std::move(kinds)}};
}

}  // namespace

std::map<std::string, std::size_t> count_by_status(const day_record& record) {
  std::map<std::string, std::size_t> counts;
  for (const auto& o : record.orders) ++counts[o.final_status.empty() ? "NOT_PLACED" : o.final_status];
  return counts;
}

std::string report_table(const day_report& r) {
  table t;
  add_orders(t, r);
  add_traffic(t, r);
  add_verdict(t, r);
  return t.take();
}

std::string report_json(const day_report& r) {
  ordered_json violations = ordered_json::array();
  for (const auto& v : r.violations) violations.push_back({{"invariant", v.invariant}, {"what", v.what}});
  const ordered_json all{
      {"instance", r.instance},        {"speed", r.speed},
      {"realSeconds", r.real_seconds}, {"good", r.good()},
      {"measures", measures_json(r)},  {"traffic", traffic_json(r.counts)},
      {"errorCount", r.error_count},   {"errors", r.errors},
      {"checked", r.checked},          {"violations", std::move(violations)}};
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace dabba::city
