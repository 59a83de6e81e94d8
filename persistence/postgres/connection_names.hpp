/// What the connections of a node call themselves (application_name), so that others find them in pg_stat_activity:
/// that list is the server's own, and true also after a crash.
#pragma once

#include <string>

#include "protocols/model/ids.hpp"

namespace dabba::postgres {

// PostgreSQL keeps 63 bytes of a name; an id has 36.

inline constexpr std::string_view journal_connection_prefix = "dabba journal ";
inline constexpr std::string_view lock_connection_prefix = "dabba lock ";
static_assert(journal_connection_prefix.size() + 36 <= 63 && lock_connection_prefix.size() + 36 <= 63);

/// Of every connection that writes a node's journal: whoever takes the node's shards over ends those of them that stand
/// in the way.
inline std::string journal_connection_name(node_id node) {
  return std::string{journal_connection_prefix} + to_string(node);
}

/// Of the connection that holds a node's advisory lock.
inline std::string lock_connection_name(node_id node) { return std::string{lock_connection_prefix} + to_string(node); }

}  // namespace dabba::postgres
