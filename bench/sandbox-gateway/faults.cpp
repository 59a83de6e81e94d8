#include "bench/sandbox-gateway/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/limits.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

template <class Number>
Number number_of(const std::string& text, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= least && value <= most))
    throw std::runtime_error{
        "'" + text + "' is not a number from " + std::to_string(least) + " to " + std::to_string(most)};
  return value;
}

std::int64_t millis_of(const std::string& text) { return number_of<std::int64_t>(text, 0, limits::fault_millis); }
double share_of(const std::string& text) { return number_of<double>(text, 0, 1); }

constexpr std::array<std::string_view, 3> point_names{"before", "after", "stored"};

error_point point_of(const std::string& text) {
  for (std::size_t i = 0; i < point_names.size(); ++i)
    if (point_names[i] == text) return static_cast<error_point>(i);
  throw std::runtime_error{"'" + text + "' is not before, after or stored"};
}

using f = faults;
using text = std::string;

constexpr auto table = std::to_array<fault_spec>({
    {"latency-ms", "before each answer (0)", [](f& x, const text& v) { x.latency_ms = millis_of(v); },
     [](const f& x) -> json { return x.latency_ms; }},
    {"latency-spread-ms", "by chance up to so much more (0)",
     [](f& x, const text& v) { x.latency_spread_ms = millis_of(v); },
     [](const f& x) -> json { return x.latency_spread_ms; }},
    {"error-rate", "share of the requests that are answered with 500 (0)",
     [](f& x, const text& v) { x.error_rate = share_of(v); }, [](const f& x) -> json { return x.error_rate; }},
    {"error-point",
     "such a 500 comes 'before' anything was done, 'after' it, or is 'stored' as the answer to the idempotency key "
     "(before)",
     [](f& x, const text& v) { x.errors = point_of(v); },
     [](const f& x) -> json { return point_names[static_cast<std::size_t>(x.errors)]; }},
    {"lost-answer-rate", "share of the requests that are done but not answered (0)",
     [](f& x, const text& v) { x.lost_answer_rate = share_of(v); },
     [](const f& x) -> json { return x.lost_answer_rate; }},
    {"down-ms", "how long, from now on, connections are closed without a word (0)",
     [](f& x, const text& v) { x.down_ms = millis_of(v); }, [](const f& x) -> json { return x.down_ms; }},
    {"webhook-drop-rate", "share of the webhooks that are never sent (0)",
     [](f& x, const text& v) { x.webhook_drop_rate = share_of(v); },
     [](const f& x) -> json { return x.webhook_drop_rate; }},
    {"webhook-copies", "how often each webhook is sent (1)",
     [](f& x, const text& v) { x.webhook_copies = number_of<std::int64_t>(v, 1, limits::copies); },
     [](const f& x) -> json { return x.webhook_copies; }},
    {"webhook-delay-ms", "before each webhook (0)", [](f& x, const text& v) { x.webhook_delay_ms = millis_of(v); },
     [](const f& x) -> json { return x.webhook_delay_ms; }},
    {"webhook-shuffle-ms", "each webhook by chance up to so much later, so that others overtake it (0)",
     [](f& x, const text& v) { x.webhook_shuffle_ms = millis_of(v); },
     [](const f& x) -> json { return x.webhook_shuffle_ms; }},
    {"webhook-wrong-secret-rate", "share of the webhooks that are signed with a wrong secret (0)",
     [](f& x, const text& v) { x.webhook_wrong_secret_rate = share_of(v); },
     [](const f& x) -> json { return x.webhook_wrong_secret_rate; }},
});

std::string json_name(std::string_view name) {
  std::string out{name};
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

}  // namespace

std::span<const fault_spec> fault_table() { return table; }

void change_faults(faults& into, const json& wanted) {
  if (!wanted.is_object()) throw invalid_request("A JSON object of faults is wanted.");
  auto changed = into;
  for (const auto& [name, value] : wanted.items()) {
    const auto spec =
        std::find_if(table.begin(), table.end(), [&](const auto& x) { return json_name(x.name) == name; });
    if (spec == table.end()) throw invalid_request("Unknown fault: " + name, "parameter_unknown", name);
    try {
      spec->set(changed, value.is_string() ? value.get<std::string>() : value.dump());
    } catch (const std::runtime_error& why) {
      throw invalid_request(why.what(), {}, name);
    }
  }
  into = changed;
}

json to_json(const faults& x) {
  json shown = json::object();
  for (const auto& each : table) shown[json_name(each.name)] = each.get(x);
  return shown;
}

}  // namespace dabba::sandbox
