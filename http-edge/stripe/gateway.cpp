#include "http-edge/stripe/gateway.hpp"

#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "http-edge/stripe/form.hpp"
#include "http-edge/stripe/objects.hpp"

namespace dabba::stripe {
namespace {

using nlohmann::json;
using outbound::http_request;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The API whose shapes we read; Stripe keeps answering in them.
constexpr const char* version_header = "Stripe-Version: 2025-03-31.basil";
constexpr std::string_view page_items = "100";

double any_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(engine);
}

gateway_error not_understood(bool changes_something) {
  return {changes_something ? gateway_errc::outcome_unknown : gateway_errc::unavailable,
          "malformed-answer",
          "the gateway's answer is not understood",
          {}};
}

template <class T, class Read>
gateway_result<T> read(const gateway_result<json>& answer, bool changes_something, Read as) {
  if (!answer) return tl::unexpected{answer.error()};
  if (auto made = as(*answer)) return std::move(*made);
  return tl::unexpected{not_understood(changes_something)};
}

/// The list's elements; nothing when it is no list.
const json* data_of(const json& answer) {
  if (!answer.is_object()) return nullptr;
  auto data = answer.find("data");
  return data != answer.end() && data->is_array() ? &*data : nullptr;
}

/// All of them or none: what is left out would be missing in a sum.
std::optional<std::vector<gateway_refund>> refunds_in(const json& answer) {
  const auto* data = data_of(answer);
  if (!data) return std::nullopt;
  std::vector<gateway_refund> out;
  for (const auto& each : *data) {
    auto made = refund_of(each);
    if (!made) return std::nullopt;
    out.push_back(std::move(*made));
  }
  return out;
}

std::optional<payment_page> page_in(const json& answer) {
  const auto* data = data_of(answer);
  if (!data || !answer.contains("has_more") || !answer["has_more"].is_boolean()) return std::nullopt;
  payment_page out;
  for (const auto& each : *data)
    if (auto made = payment_of(each)) out.payments.push_back(std::move(*made));
  if (!answer["has_more"].get<bool>()) return out;
  // The last one's id also where the payment itself is left out.
  if (data->empty() || !data->back().is_object() || !data->back().value("id", json{}).is_string()) return std::nullopt;
  out.next = gateway_payment_id{data->back()["id"].get<std::string>()};
  return out;
}

}  // namespace

/// One request and what is known after it.
struct gateway::attempt {
  tl::expected<json, gateway_error> result;
  bool may_repeat = false;
  milliseconds wait_at_least{0};
};

gateway::gateway(gateway_options options)
    : options_{std::move(options)}, client_{options_.http}, breaker_{options_.breaker} {}

gateway::~gateway() = default;

// -- The port --------------------------------------------------------------------------------------------------------

gateway_result<gateway_payment> gateway::create(const payment_request& what, gateway_deadline until) {
  form parameters;
  parameters.add("amount", std::to_string(what.amount.value))
      .add("currency", currency_code(what.currency))
      .add("metadata[order]", to_string(what.order))
      .add("automatic_payment_methods[enabled]", "true")
      .add("automatic_payment_methods[allow_redirects]", "never");
  return read<gateway_payment>(post("/v1/payment_intents", parameters.text(), what.key, until), true, payment_of);
}

gateway_result<gateway_payment> gateway::retrieve(const gateway_payment_id& which, gateway_deadline until) {
  return read<gateway_payment>(get("/v1/payment_intents/" + escaped(which.value), until), false, payment_of);
}

gateway_result<gateway_payment> gateway::cancel(const gateway_payment_id& which, command_id key,
                                                gateway_deadline until) {
  auto target = "/v1/payment_intents/" + escaped(which.value) + "/cancel";
  return read<gateway_payment>(post(target, {}, key, until), true, payment_of);
}

gateway_result<gateway_refund> gateway::refund(const refund_request& what, gateway_deadline until) {
  form parameters;
  parameters.add("payment_intent", what.payment.value)
      .add("amount", std::to_string(what.amount.value))
      .add("reason", name(what.reason));
  return read<gateway_refund>(post("/v1/refunds", parameters.text(), what.key, until), true, refund_of);
}

gateway_result<std::vector<gateway_refund>> gateway::refunds_of(const gateway_payment_id& which,
                                                                gateway_deadline until) {
  form parameters;
  parameters.add("payment_intent", which.value).add("limit", page_items);
  return read<std::vector<gateway_refund>>(get("/v1/refunds?" + parameters.text(), until), false, refunds_in);
}

gateway_result<payment_page> gateway::list_payments(gateway_time since, const std::optional<gateway_payment_id>& from,
                                                    gateway_deadline until) {
  form parameters;
  parameters.add("created[gte]", std::to_string(since.time_since_epoch().count())).add("limit", page_items);
  if (from) parameters.add("starting_after", from->value);
  return read<payment_page>(get("/v1/payment_intents?" + parameters.text(), until), false, page_in);
}

// -- Calls -----------------------------------------------------------------------------------------------------------

http_request gateway::request_to(const std::string& target) const {
  http_request out;
  out.url = options_.base_url + target;
  out.headers = {"Authorization: Bearer " + options_.secret_key.reveal(), version_header};
  return out;
}

gateway_result<json> gateway::get(const std::string& target, gateway_deadline until) {
  return call(request_to(target), until);
}

gateway_result<json> gateway::post(const std::string& target, const std::string& form, command_id key,
                                   gateway_deadline until) {
  auto what = request_to(target);
  what.is_post = true;
  what.body = form;
  what.headers.push_back("Idempotency-Key: " + to_string(key));
  return call(what, until);
}

gateway_result<json> gateway::call(const http_request& what, gateway_deadline until) {
  bool may_be_done = false;  // by this attempt or one before
  for (unsigned count = 1;; ++count) {
    auto tried = try_once(what, until);
    if (tried.result) return std::move(*tried.result);
    auto& error = tried.result.error();
    may_be_done = may_be_done || error.what == gateway_errc::outcome_unknown;
    auto pause = std::max(outbound::pause_before(options_.retries, count, any_share()), tried.wait_at_least);
    bool is_last = !tried.may_repeat || count >= options_.retries.attempts || steady_clock::now() + pause >= until;
    if (!is_last) {
      std::this_thread::sleep_for(pause);
      continue;
    }
    // What an earlier attempt may have done is not undone by a later one that certainly did nothing. Reading changes
    // nothing in any case.
    bool says_nothing = error.what == gateway_errc::outcome_unknown || error.what == gateway_errc::unavailable ||
                        error.what == gateway_errc::unauthorised;
    if (says_nothing && what.is_post && may_be_done) error.what = gateway_errc::outcome_unknown;
    if (!what.is_post && error.what == gateway_errc::outcome_unknown) error.what = gateway_errc::unavailable;
    return tl::unexpected{std::move(error)};
  }
}

gateway::attempt gateway::try_once(const http_request& what, gateway_deadline until) {
  auto refuse = [](std::string code, std::string detail) {
    return attempt{
        tl::unexpected{gateway_error{gateway_errc::unavailable, std::move(code), std::move(detail), {}}}, false, {}};
  };
  auto now = steady_clock::now();
  if (now >= until) return refuse("deadline", "there was no time left");
  std::optional<outbound::circuit_breaker::ticket> ticket;
  {
    std::lock_guard lock{mutex_};
    ticket = breaker_.admit(now);
  }
  if (!ticket) return refuse("circuit-open", "the gateway has not answered lately, and is not asked for a while");
  auto answer = client_.send(what, std::min(until, now + options_.attempt_timeout));
  if (!answer) {
    tell_breaker(*ticket, answer.error().was_tried ? std::optional{true} : std::nullopt);
    auto what_is_known = answer.error().may_have_arrived ? gateway_errc::outcome_unknown : gateway_errc::unavailable;
    return {tl::unexpected{gateway_error{what_is_known, "no-answer", answer.error().why, {}}}, true, {}};
  }
  tell_breaker(*ticket, answer->status >= 500 || answer->status == 429);
  if (answer->status >= 200 && answer->status < 300) {
    auto body = parse_text(answer->body);
    if (body.is_discarded()) return {tl::unexpected{not_understood(what.is_post)}, false, {}};
    return {std::move(body), false, {}};
  }
  auto error = error_of(*answer);
  // An answer that was kept for the key stays what it is, however often it is asked for.
  bool is_kept = answer->header("idempotent-replayed") == "true" || answer->header("stripe-should-retry") == "false";
  bool is_passing = answer->status == 409 || answer->status == 429 || answer->status >= 500;
  milliseconds wait{0};
  if (auto seconds = answer->header("retry-after");
      !seconds.empty() && seconds.size() <= 5 && seconds.find_first_not_of("0123456789") == std::string_view::npos)
    wait = std::chrono::seconds{std::stol(std::string{seconds})};
  return {tl::unexpected{std::move(error)}, is_passing && !is_kept, wait};
}

void gateway::tell_breaker(outbound::circuit_breaker::ticket of, std::optional<bool> is_failure) {
  using state = outbound::circuit_breaker::state;
  state before, after;
  {
    std::lock_guard lock{mutex_};
    before = breaker_.current();
    if (!is_failure)
      breaker_.returned(of);
    else if (*is_failure)
      breaker_.failed(of, steady_clock::now());
    else
      breaker_.succeeded(of, steady_clock::now());
    after = breaker_.current();
  }
  if (before != after && after == state::open) options_.report("the payment gateway does not answer: it is left alone");
  if (before != after && after == state::closed) options_.report("the payment gateway answers again");
}

}  // namespace dabba::stripe
