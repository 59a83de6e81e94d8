/// The sandbox's own paths, below /_sandbox: what real gateways do not have. Callers need the secret key, except for
/// the page where a customer confirms a payment.
///
///   GET | POST | DELETE  /_sandbox/faults                        shown, changed (JSON, those that are named), none
///   GET                  /_sandbox/totals                        what was taken in and given back, and what was sent
///   POST                 /_sandbox/webhook_endpoints/ID/roll     a new secret; ?keep_seconds=N, the old ones beside it
///   GET | POST           /_sandbox/authenticate/PAYMENT_INTENT   the customer confirms; ?outcome=fail: or does not
#pragma once

#include <chrono>

#include "bench/sandbox-gateway/api.hpp"
#include "bench/sandbox-gateway/faults.hpp"
#include "bench/sandbox-gateway/webhooks.hpp"

namespace dabba::sandbox {

class control {
 public:
  control(api& served, books& kept, webhook_sender& webhooks, faults& how)
      : api_{served}, books_{kept}, webhooks_{webhooks}, faults_{how} {
    note_down();
  }

  static bool is_own_path(const std::string& path) { return path.starts_with("/_sandbox/"); }
  http_answer answer_to(const http_request& what);
  /// Told to be away for a time.
  [[nodiscard]] bool is_down() const { return std::chrono::steady_clock::now() < down_until_; }
  void count(bool is_error) {
    ++requests_;
    if (is_error) ++errors_;
  }

 private:
  answer route(const http_request& what);
  answer change(const nlohmann::json& wanted);
  answer totals() const;
  void note_down();

  api& api_;
  books& books_;
  webhook_sender& webhooks_;
  faults& faults_;
  std::chrono::steady_clock::time_point down_until_{};
  std::uint64_t requests_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace dabba::sandbox
