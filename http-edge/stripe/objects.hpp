/// Stripe's objects and errors as our own types. What is not as expected gives nothing, and never a guess.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "http-edge/outbound/http_client.hpp"
#include "protocols/model/payment.hpp"
#include "protocols/payment_gateway.hpp"

namespace dabba::stripe {

std::optional<gateway_payment> payment_of(const nlohmann::json& intent);
std::optional<gateway_refund> refund_of(const nlohmann::json& refund);
/// Of a charge: how much of its payment was given back. Nothing, too, for a charge without a payment intent.
std::optional<payment_refunded> refunded_of(const nlohmann::json& charge);

/// Why an answer that is not 2xx was given.
gateway_error error_of(const outbound::http_response& answer);

/// The whole text, or a discarded value.
nlohmann::json parse_text(std::string_view text);

/// The currency's code in Stripe's small letters.
std::string currency_code(currency x);

}  // namespace dabba::stripe
