/// Stripe's API as far as the sandbox has it: keys, idempotency, and which path means what. Knows no sockets.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/sandbox-gateway/books.hpp"
#include "bench/sandbox-gateway/payments.hpp"
#include "bench/sandbox-gateway/refunds.hpp"

namespace dabba::sandbox {

struct api_keys {
  std::string secret = "sk_test_sandbox";
  std::string publishable = "pk_test_sandbox";
};

struct http_request {
  std::string method;
  std::string path;   ///< as sent, without the query
  std::string query;  ///< as sent
  std::string body;
  std::string authorization;
  std::string idempotency_key;
  std::string request_id;
};

struct http_answer {
  unsigned status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// An error that says nothing of what was done: what faults answer with.
http_answer server_error(bool may_retry);

class api {
 public:
  api(books& kept, const payment_settings& settings, api_keys keys)
      : books_{kept}, payments_{kept, settings}, refunds_{kept, settings}, keys_{std::move(keys)} {}

  /// Holds the request's idempotency key for as long as it lives: the same key is refused meanwhile.
  class opened {
   public:
    opened(std::set<std::string>& held, std::string key) : held_{&held}, key_{std::move(key)} {
      if (!key_.empty()) held_->insert(key_);
    }
    opened(opened&& other) noexcept : held_{std::exchange(other.held_, nullptr)}, key_{std::move(other.key_)} {}
    opened& operator=(opened&&) = delete;
    ~opened() {
      if (held_ && !key_.empty()) held_->erase(key_);
    }

   private:
    std::set<std::string>* held_;
    std::string key_;
  };

  /// The answer that is known already: a refused key, a repeat. Otherwise the request may be executed.
  std::optional<http_answer> answer_at_once(const http_request& what) const;
  opened open(const http_request& what) {
    return {in_progress_, what.method == "POST" ? what.idempotency_key : std::string{}};
  }
  /// Does it and commits. With `as_error` what was done is not told, now or to any repeat.
  http_answer execute(const http_request& what, bool as_error);

  /// Whether a caller of the sandbox's own paths has the secret key.
  [[nodiscard]] bool is_operator(const http_request& what) const;

  payments& of_payments() { return payments_; }
  void settle_due();

 private:
  [[nodiscard]] std::string key_of(const http_request& what) const;
  answer route(const http_request& what, const call& who);
  answer route_intents(const http_request& what, const std::vector<std::string>& path, parameters given,
                       const call& who);
  answer route_refunds(const http_request& what, const std::vector<std::string>& path, parameters given,
                       const call& who);
  answer route_events(const std::vector<std::string>& path, parameters given);
  answer route_charges(const std::vector<std::string>& path, parameters given);
  answer route_endpoints(const http_request& what, const std::vector<std::string>& path, parameters given);

  books& books_;
  payments payments_;
  refund_desk refunds_;
  api_keys keys_;
  std::set<std::string> in_progress_;
};

/// The parts of a path between its slashes, decoded.
std::vector<std::string> split_path(const std::string& path);

}  // namespace dabba::sandbox
