/// Webhook endpoints: where events are sent, and the secrets they are signed with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/sandbox-gateway/books.hpp"
#include "bench/sandbox-gateway/payments.hpp"

namespace dabba::sandbox {

/// `http://host[:port]/path`.
struct webhook_url {
  std::string host;
  std::string port;
  std::string target;
};

/// Nothing when it is none: events are sent without TLS, to this machine as a rule.
std::optional<webhook_url> parse_webhook_url(const std::string& url);

answer create_endpoint(books& kept, parameters given);
answer delete_endpoint(books& kept, const std::string& id);

/// The endpoint of that address has these secrets; makes it when there is none.
const webhook_endpoint& ensure_endpoint(books& kept, const std::string& url, const std::vector<std::string>& secrets);

/// A new secret; the ones before go on being used beside it for `keep_for`. Throws api_error.
std::string roll_secret(books& kept, const std::string& id, std::chrono::seconds keep_for);

/// What is signed with now.
std::vector<std::string> secrets_in_use(const webhook_endpoint& endpoint, unix_seconds now);

}  // namespace dabba::sandbox
