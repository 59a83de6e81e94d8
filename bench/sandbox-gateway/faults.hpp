/// What the gateway is told to do badly: at its start as options, while it runs at /_sandbox/faults.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace dabba::sandbox {

/// Where a 500 happens.
enum class error_point : std::uint8_t {
  before,  ///< nothing was done; a repeat is done as if it were the first
  after,   ///< it was done, and a repeat is told so
  stored   ///< it was done, and the 500 is what every repeat is told
};

struct faults {
  std::int64_t latency_ms = 0;         ///< before each answer
  std::int64_t latency_spread_ms = 0;  ///< by chance up to so much more
  double error_rate = 0;               ///< share of the requests that are answered with 500
  error_point errors = error_point::before;
  double lost_answer_rate = 0;  ///< share of the requests that are done and not answered: the connection closes
  std::int64_t down_ms = 0;     ///< from when it is set; connections are closed without a word
  double webhook_drop_rate = 0;
  std::int64_t webhook_copies = 1;      ///< how often each webhook is sent
  std::int64_t webhook_delay_ms = 0;    ///< before each
  std::int64_t webhook_shuffle_ms = 0;  ///< by chance up to so much later, so that others overtake it
  double webhook_wrong_secret_rate = 0;
};

struct fault_spec {
  std::string_view name;  ///< as an option --name, in JSON with _ for -
  std::string_view help;
  /// Throws std::runtime_error for what it can't be.
  void (*set)(faults& into, const std::string& value);
  nlohmann::json (*get)(const faults& from);
};

std::span<const fault_spec> fault_table();

/// Sets those that are named, the others stay. Throws api_error.
void change_faults(faults& into, const nlohmann::json& wanted);
nlohmann::json to_json(const faults& x);

}  // namespace dabba::sandbox
