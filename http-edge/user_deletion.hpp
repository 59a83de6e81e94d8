/// The end of an account.
#pragma once

#include "http-edge/router.hpp"

namespace dabba::http {

/// Lets the caller's orders forget who placed them, and then takes the person out of the account. 202 when there are
/// more orders than one request looks after: the next one goes on.
asio::awaitable<handled> delete_me(call& c);

}  // namespace dabba::http
