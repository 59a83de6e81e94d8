#include "bench/sandbox-gateway/control.hpp"

#include <map>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/endpoints.hpp"
#include "bench/sandbox-gateway/form.hpp"
#include "bench/sandbox-gateway/log.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

std::string query_text(const http_request& what, const char* name, const char* otherwise) {
  return parameters{parse_form(what.query)}.text(name).value_or(otherwise);
}

constexpr std::int64_t longest_roll = 7 * 86'400;

}  // namespace

http_answer control::answer_to(const http_request& what) {
  answer out;
  try {
    out = route(what);
    books_.commit();
    webhooks_.send_new();
  } catch (const api_error& why) {
    out = {why.status, body_of(why)};
  }
  return {out.status, text_of(out.body), {}};
}

answer control::route(const http_request& what) {
  const auto path = split_path(what.path);
  if (path.size() == 3 && path[1] == "authenticate")
    return api_.of_payments().authenticate(
        path[2], query_text(what, "outcome", "succeed") != "fail", {true, what.request_id, {}});
  if (!api_.is_operator(what)) throw api_error{401, "invalid_request_error", "The secret key is needed here."};
  if (path.size() == 2 && path[1] == "faults") {
    if (what.method == "GET") return {200, to_json(faults_)};
    if (what.method == "DELETE") return change(to_json(faults{}));
    if (what.method == "POST") return change(json::parse(what.body, nullptr, false));
  }
  if (path.size() == 2 && path[1] == "totals" && what.method == "GET") return totals();
  if (path.size() == 4 && path[1] == "webhook_endpoints" && path[3] == "roll" && what.method == "POST") {
    const auto seconds = integer_of(query_text(what, "keep_seconds", "86400"), "keep_seconds");
    if (seconds < 0 || seconds > longest_roll)
      throw invalid_request("Old secrets are kept for 0 to 604800 seconds.", {}, "keep_seconds");
    return {200, {{"secret", roll_secret(books_, path[2], std::chrono::seconds{seconds})}}};
  }
  throw api_error{404, "invalid_request_error", "Unrecognized request URL (" + what.method + ": " + what.path + ")."};
}

answer control::change(const json& wanted) {
  change_faults(faults_, wanted);
  if (wanted.contains("down_ms")) note_down();
  log_line("faults: {}", text_of(to_json(faults_)));
  return {200, to_json(faults_)};
}

void control::note_down() {
  down_until_ = std::chrono::steady_clock::now() + std::chrono::milliseconds{faults_.down_ms};
}

/// What a ledger at the other end has to agree with.
answer control::totals() const {
  std::map<std::string, std::int64_t> by_status;
  std::map<std::string, std::int64_t> captured, refunded;
  books_.intents().oldest_first([&](const payment_intent& x) {
    ++by_status[std::string{name(x.status)}];
    captured[x.currency] += x.amount_received;
    return true;
  });
  books_.refunds().oldest_first([&](const refund& x) {
    if (x.status != refund_status::failed) refunded[x.currency] += x.amount;
    return true;
  });
  std::int64_t undelivered = 0;
  books_.events().oldest_first([&](const event& x) {
    undelivered += static_cast<std::int64_t>(x.undelivered.size());
    return true;
  });
  const auto sent = webhooks_.counts();
  return {200,
          {{"requests", requests_},
           {"errors", errors_},
           {"payment_intents", by_status},
           {"captured", captured},
           {"refunds", books_.refunds().size()},
           {"refunded", refunded},
           {"events", books_.events().size()},
           {"webhooks",
            {{"sent", sent.sent}, {"failed", sent.failed}, {"dropped", sent.dropped}, {"undelivered", undelivered}}}}};
}

}  // namespace dabba::sandbox
