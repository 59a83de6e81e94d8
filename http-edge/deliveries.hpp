/// Deliveries as their partner sees them.
#pragma once

#include "http-edge/core.hpp"

namespace dabba::http {

/// The list of these deliveries as JSON, each with the state its order is in.
asio::awaitable<std::string> deliveries_json(core& shared, std::vector<active_delivery> which);

}  // namespace dabba::http
