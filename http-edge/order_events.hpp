/// The events of an order as server-sent events: first the history, then what happens.
#pragma once

#include "http-edge/router.hpp"
#include "http-edge/topic.hpp"

namespace dabba::http {

/// The stream of everything after `since`; a problem when the order's actor can't be reached. It ends when the reader's
/// token does.
asio::awaitable<handled> open_order_events(core& shared, order_id which, std::uint64_t since, viewer reader,
                                           std::optional<real_time> token_ends);

}  // namespace dabba::http
