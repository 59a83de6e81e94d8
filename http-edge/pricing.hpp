/// Prices of orders as the edge asks for them.
#pragma once

#include "http-edge/router.hpp"

namespace dabba::http {

/// What the price of an order depends on beside its lines, for this customer now: deals, the coupon with this code
/// (without one: none), and whether it would be a first order, if that matters.
asio::awaitable<answer_or_problem<price_lines::circumstances>> circumstances_of(
    core& shared, user_id customer, restaurant_id at, const std::string& coupon);

/// Codes are compared in capitals.
std::string capitals(std::string code);

/// The members of a price beside the items': amounts and promotions.
void put_price(json_object& out, const price_breakdown& x, audience to);

}  // namespace dabba::http
