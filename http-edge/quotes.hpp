/// What an order would cost, or why it can't be had.
#pragma once

#include "http-edge/core.hpp"

namespace dabba::http {

/// The refusal names the line of `/items` that is not sold, and when a closed restaurant opens.
asio::awaitable<answer_or_problem<quote>> quote_of(core& shared, restaurant_id from, price_lines wanted);

}  // namespace dabba::http
