#include "tests/http-edge/stripe/sandbox.hpp"

#include <chrono>
#include <stdexcept>

namespace dabba::stripe_tests {

using namespace std::chrono_literals;
using system_tests::eventually;

namespace {

instant wall_now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace

sandbox::sandbox(std::vector<std::string> flags) : flags_{std::move(flags)} { start(); }

void sandbox::start() {
  process_.reset();
  auto log = folder_.path() / ("log-" + std::to_string(wall_now().micros));
  std::vector<std::string> command{
      DABBA_SANDBOX_PROGRAM, "--listen", "127.0.0.1:" + port_, "--state", (folder_.path() / "state").string()};
  command.insert(command.end(), flags_.begin(), flags_.end());
  process_ = std::make_unique<system_tests::child_process>(command, log);
  constexpr std::string_view serving = "serving on http://127.0.0.1:";
  bool is_up = eventually(
      10s, [&] { return process_->log_tail().find(serving) != std::string::npos || !process_->is_running(); });
  auto text = process_->log_tail();
  auto at = text.find(serving);
  if (!is_up || at == std::string::npos) throw std::runtime_error{"the sandbox does not start:\n" + text};
  port_ = std::to_string(std::stoi(text.substr(at + serving.size())));
}

stripe::gateway_options sandbox::client_options() const {
  stripe::gateway_options out;
  out.base_url = url();
  out.secret_key = outbound::secret_text{"sk_test_sandbox"};
  out.attempt_timeout = 2s;
  out.retries = {.attempts = 50, .first = 10ms, .longest = 100ms};
  out.breaker.least = 1'000'000;  // where it is not what is tested
  out.breaker.window = 1'000'000;
  return out;
}

nlohmann::json sandbox::send(const std::string& target, const std::string& body, const std::string& key) {
  auto got = client_.send(
      {!body.empty(), url() + target, {"Authorization: Bearer " + key}, body}, std::chrono::steady_clock::now() + 10s);
  if (!got) throw std::runtime_error{"the sandbox does not answer " + target + ": " + got.error().why};
  return nlohmann::json::parse(got->body);
}

nlohmann::json sandbox::ask(const std::string& target, const std::string& body) {
  return send(target, body, "sk_test_sandbox");
}

nlohmann::json sandbox::pay(const gateway_payment& what, const std::string& method) {
  return send("/v1/payment_intents/" + what.id.value + "/confirm",
              "client_secret=" + what.client_secret + "&payment_method=" + method, "pk_test_sandbox");
}

payment_request some_payment(std::int64_t amount) {
  return {command_id::make(wall_now()), order_id::make(wall_now()), {amount}, currency::INR};
}

gateway_deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace dabba::stripe_tests
