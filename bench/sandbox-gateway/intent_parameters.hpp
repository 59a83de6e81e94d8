/// The parameters of a payment intent: what Stripe takes, what it refuses and in which words.
#pragma once

#include <optional>
#include <string>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/books.hpp"
#include "bench/sandbox-gateway/parameters.hpp"

namespace dabba::sandbox {

/// A new intent, without its ids. Throws api_error.
payment_intent new_intent(parameters& given);
/// Throws api_error for what can't be changed any more.
void change_intent(payment_intent& x, parameters& given);

/// An intent that takes every method may have to send the customer elsewhere, and then has to know where to come back.
void require_confirmable(const payment_intent& x, bool has_return_url);
/// A customer's app proves with it that the intent is its own.
void require_client_secret(const payment_intent& x, const std::optional<std::string>& given, const call& who);

api_error too_small(const std::string& param);

}  // namespace dabba::sandbox
