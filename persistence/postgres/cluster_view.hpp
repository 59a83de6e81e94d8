/// Reads the tables of nodes and shards.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "protocols/model/cluster.hpp"

namespace dabba::postgres {

/// No view has this version: whoever knows it is given the shards.
inline constexpr std::uint64_t no_version = UINT64_MAX;

/// The view's statements, without the shards while the version is still `known_version`. They belong into a transaction
/// that sees one snapshot.
std::vector<call> view_calls(std::uint64_t known_version);

/// What they answered; nothing when there is no cluster yet.
std::optional<cluster_view> to_view(std::span<const rows> results);

}  // namespace dabba::postgres
