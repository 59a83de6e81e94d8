/// The card gateway that speaks Stripe's protocol: Stripe itself, or dabba-sandbox-gateway.
///
/// Every POST has an idempotency key, so that it may be repeated; what may be repeated is, with jittered pauses, as
/// long as the deadline allows. A circuit breaker in front keeps callers from waiting for a gateway that is away. May
/// be used by several threads at once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "http-edge/outbound/circuit_breaker.hpp"
#include "http-edge/outbound/http_client.hpp"
#include "http-edge/outbound/retries.hpp"
#include "http-edge/outbound/secret_text.hpp"
#include "protocols/payment_gateway.hpp"

namespace dabba::stripe {

struct gateway_options {
  std::string base_url;  ///< https://api.stripe.com, without a slash at its end
  outbound::secret_text secret_key;
  std::chrono::milliseconds attempt_timeout{10'000};
  outbound::http_client_options http;
  outbound::retry_terms retries;
  outbound::breaker_terms breaker;
  /// A line for the log when the breaker opens or closes; called on the caller's thread.
  std::function<void(const std::string&)> report = [](const std::string&) {};
};

class gateway final : public payment_gateway {
 public:
  explicit gateway(gateway_options options);
  ~gateway() override;

  gateway_result<gateway_payment> create(const payment_request& what, gateway_deadline until) override;
  gateway_result<gateway_payment> retrieve(const gateway_payment_id& which, gateway_deadline until) override;
  gateway_result<gateway_payment> cancel(const gateway_payment_id& which, command_id key,
                                         gateway_deadline until) override;
  gateway_result<gateway_refund> refund(const refund_request& what, gateway_deadline until) override;
  gateway_result<std::vector<gateway_refund>> refunds_of(const gateway_payment_id& which,
                                                         gateway_deadline until) override;
  gateway_result<payment_page> list_payments(gateway_time since, const std::optional<gateway_payment_id>& from,
                                             gateway_deadline until) override;

 private:
  struct attempt;

  gateway_result<nlohmann::json> get(const std::string& target, gateway_deadline until);
  gateway_result<nlohmann::json> post(const std::string& target, const std::string& form, command_id key,
                                      gateway_deadline until);
  gateway_result<nlohmann::json> call(const outbound::http_request& what, gateway_deadline until);
  attempt try_once(const outbound::http_request& what, gateway_deadline until);
  /// Nothing: the call was not made.
  void tell_breaker(outbound::circuit_breaker::ticket of, std::optional<bool> is_failure);
  [[nodiscard]] outbound::http_request request_to(const std::string& target) const;

  gateway_options options_;
  outbound::http_client client_;
  std::mutex mutex_;
  outbound::circuit_breaker breaker_;
};

}  // namespace dabba::stripe
