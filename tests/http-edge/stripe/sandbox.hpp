/// A real dabba-sandbox-gateway as a process, and its customers.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http-edge/outbound/http_client.hpp"
#include "http-edge/stripe/gateway.hpp"
#include "tests/system/support/process.hpp"

namespace dabba::stripe_tests {

class sandbox {
 public:
  /// It keeps its state in a file, and has the same port after each start.
  explicit sandbox(std::vector<std::string> flags = {});

  void start();
  /// SIGKILL.
  void kill() { process_->kill(); }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + port_; }
  /// Of a client of ours: patient in all, quick in each attempt.
  [[nodiscard]] stripe::gateway_options client_options() const;

  /// With the secret key; POST when there is a body.
  nlohmann::json ask(const std::string& target, const std::string& body = {});
  void set_faults(const std::string& json) { ask("/_sandbox/faults", json); }
  nlohmann::json totals() { return ask("/_sandbox/totals"); }
  /// As the customer's app does it: with the publishable key and the payment's client secret.
  nlohmann::json pay(const gateway_payment& what, const std::string& method);

 private:
  nlohmann::json send(const std::string& target, const std::string& body, const std::string& key);

  system_tests::scratch_folder folder_;
  std::vector<std::string> flags_;
  std::string port_ = "0";
  std::unique_ptr<system_tests::child_process> process_;
  outbound::http_client client_{{}};
};

/// A new payment for a new order.
payment_request some_payment(std::int64_t amount = 45'000);
gateway_deadline in(std::chrono::milliseconds time);

}  // namespace dabba::stripe_tests
