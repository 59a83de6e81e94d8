#include "bench/sandbox-gateway/intent_parameters.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "bench/sandbox-gateway/limits.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

constexpr auto currencies = std::to_array<std::string_view>(
    {"aed", "aud", "brl", "cad", "chf", "cny", "dkk", "eur", "gbp", "hkd", "idr", "inr",
     "jpy", "mxn", "myr", "nok", "nzd", "php", "pln", "sek", "sgd", "thb", "usd", "zar"});

std::string currency_of(parameters& given) {
  auto text = given.required_text("currency");
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (std::find(currencies.begin(), currencies.end(), text) == currencies.end())
    throw invalid_request("Invalid currency: " + text + ".", {}, "currency");
  return text;
}

/// Stripe's own minimum is what half a dollar is worth; in most of these currencies that is 50, in pounds 30.
std::int64_t least_of(const std::string& currency) { return currency == "gbp" ? 30 : 50; }

void check_amount(std::int64_t amount, const std::string& currency) {
  if (amount < 1) throw too_small("amount");
  if (amount < least_of(currency))
    throw invalid_request(
        "Amount must be no less than the minimum charge amount allowed for your account and the "
        "currency set.",
        "amount_too_small", "amount");
  if (amount > limits::amount_minor)
    throw invalid_request("Amount must be no more than 99999999.", "amount_too_large", "amount");
}

/// `automatic_payment_methods` is on unless types are named.
void choose_methods(payment_intent& x, parameters& given) {
  const auto types = given.list("payment_method_types");
  parameters automatic{given.object("automatic_payment_methods")};
  const bool is_on = automatic.truth("enabled").value_or(types.empty());
  if (is_on && !types.empty())
    throw invalid_request(
        "You may only specify one of these parameters: automatic_payment_methods, "
        "payment_method_types.");
  x.payment_method_types = types.empty() ? std::vector<std::string>{"card"} : types;
  if (!is_on) return;
  const auto redirects = automatic.choice("allow_redirects", {"always", "never"}).value_or("always");
  automatic.refuse_others();
  x.automatic_payment_methods = {{"allow_redirects", redirects}, {"enabled", true}};
}

void set_texts(payment_intent& x, parameters& given) {
  if (auto text = given.text("customer")) x.customer = *text;
  if (auto text = given.text("description")) x.description = *text;
  if (auto text = given.text("receipt_email")) x.receipt_email = *text;
  for (auto& [key, value] : given.metadata()) {
    if (value.empty())
      x.metadata.erase(key);
    else
      x.metadata[key] = value;
  }
  if (x.metadata.size() > limits::metadata_keys)
    throw invalid_request("Metadata can have at most 50 keys.", {}, "metadata");
  given.pass_over({"expand", "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix",
                   "transfer_group", "payment_method_options"});
}

bool is_same(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

api_error too_small(const std::string& param) {
  return invalid_request("This value must be greater than or equal to 1.", "parameter_invalid_integer", param);
}

payment_intent new_intent(parameters& given) {
  payment_intent x;
  x.amount = given.required_integer("amount");
  x.currency = currency_of(given);
  check_amount(x.amount, x.currency);
  x.capture_method =
      given.choice("capture_method", {"automatic", "automatic_async", "manual"}).value_or(x.capture_method);
  choose_methods(x, given);
  set_texts(x, given);
  given.pass_over({"confirmation_method", "off_session", "mandate_data", "use_stripe_sdk", "error_on_requires_action"});
  return x;
}

void change_intent(payment_intent& x, parameters& given) {
  using enum intent_status;
  const auto amount = given.integer("amount");
  if (amount) {
    const bool may =
        x.status == requires_payment_method || x.status == requires_confirmation || x.status == requires_action;
    if (!may)
      throw invalid_request("This PaymentIntent's amount could not be updated because it has a status of " +
                                std::string{name(x.status)} + ".",
                            "payment_intent_unexpected_state", "amount");
    check_amount(*amount, x.currency);
    x.amount = *amount;
  }
  set_texts(x, given);
}

void require_confirmable(const payment_intent& x, bool has_return_url) {
  const bool may_redirect =
      x.automatic_payment_methods.is_object() && x.automatic_payment_methods["allow_redirects"] == "always";
  if (may_redirect && !has_return_url)
    throw invalid_request(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
        "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't "
        "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.");
}

void require_client_secret(const payment_intent& x, const std::optional<std::string>& given, const call& who) {
  if (!given && who.is_secret) return;
  if (!given) throw invalid_request("Missing required param: client_secret.", "parameter_missing", "client_secret");
  if (is_same(*given, x.client_secret)) return;
  // A wrong secret and an unknown intent look the same to somebody who guesses.
  if (!who.is_secret) throw missing_resource("payment_intent", x.id, "intent");
  throw invalid_request(
      "The client_secret provided does not match the client_secret associated with the PaymentIntent.",
      "payment_intent_invalid_parameter", "client_secret");
}

}  // namespace dabba::sandbox
