/// Whether the database keeps what was acknowledged: through a crash of its server, and through a failover.
#pragma once

#include <string>

#include "persistence/postgres/connection.hpp"

namespace dabba::postgres {

/// For the start of a node. Refused, with a sentence for the operator:
/// - settings with which a crash of the server's machine loses acknowledged commits;
/// - a standby that acknowledged commits do not wait for, because it would lack them when it is promoted. A standby is
///   what replays the server's log at the moment, or what `synchronous_standby_names` names. Base backups and receivers
///   that only store the log are none, and neither are logical subscribers.
/// With `allow_unsafe`, for benchmarks, `report` hears the sentence instead. It also hears when the connection's role
/// may not see what copies the log: then that is not refused.
tl::expected<void, std::string> check_durability(connection& conn, bool allow_unsafe, deadline until,
                                                 const session::reporter& report);

}  // namespace dabba::postgres
