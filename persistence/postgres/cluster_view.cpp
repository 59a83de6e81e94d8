#include "persistence/postgres/cluster_view.hpp"

#include <stdexcept>

namespace dabba::postgres {
namespace {

constexpr statement select_version{"select_version", "select view_version, clock_timestamp() from cluster.cluster"};

constexpr statement select_nodes{"select_nodes", R"(
select node_id, host, cluster_port, http_url, protocol_version, state, started_at, lease_until,
       coalesce(lock_era = cluster.lock_era() and lock_key not in (select lock_key from cluster.held_lock), false),
       unreachable
from cluster.node
where state <> 'dead' or node_id in (select owner from cluster.shard)
order by node_id)"};

constexpr statement select_shards{"select_shards", R"(
select id, owner, epoch, state, target
from cluster.shard
where (select view_version from cluster.cluster) <> $1
order by id)"};

/// The tables check what they hold against the same names.
template <named_enum E>
E enum_of(const std::string& text) {
  if (auto x = parse_enum<E>(text)) return *x;
  throw std::logic_error{"the database has a name that this program does not know: " + text};
}

std::optional<node_id> maybe_node(const rows& r, std::size_t row, int column) {
  auto id = r.maybe<uuid>(row, column);
  return id ? std::optional{node_id{*id}} : std::nullopt;
}

node_row to_node(const rows& r, std::size_t row) {
  node_row node;
  node.id = {r.get<uuid>(row, 0)};
  node.host = r.get<std::string>(row, 1);
  node.cluster_port = static_cast<std::uint16_t>(r.get<std::int32_t>(row, 2));
  node.http_url = r.get<std::string>(row, 3);
  node.protocol_version = static_cast<std::uint32_t>(r.get<std::int32_t>(row, 4));
  node.state = enum_of<node_state>(r.get<std::string>(row, 5));
  node.started_at = r.get<instant>(row, 6);
  node.lease_until = r.get<instant>(row, 7);
  node.has_lost_lock = r.get<bool>(row, 8);
  for (const auto& peer : r.get<std::vector<uuid>>(row, 9)) node.unreachable.push_back({peer});
  return node;
}

shard_row to_shard(const rows& r, std::size_t row) {
  return {{static_cast<std::uint16_t>(r.get<std::int16_t>(row, 0))},
          maybe_node(r, row, 1),
          static_cast<std::uint64_t>(r.get<std::int64_t>(row, 2)),
          enum_of<shard_state>(r.get<std::string>(row, 3)),
          maybe_node(r, row, 4)};
}

}  // namespace

std::vector<call> view_calls(std::uint64_t known_version) {
  return {
      {&select_version, {}}, {&select_nodes, {}}, {&select_shards, {encode(static_cast<std::int64_t>(known_version))}}};
}

std::optional<cluster_view> to_view(std::span<const rows> results) {
  const auto& version = results[0];
  const auto& nodes = results[1];
  const auto& shards = results[2];
  if (version.size() == 0) return std::nullopt;
  cluster_view view;
  view.version = static_cast<std::uint64_t>(version.get<std::int64_t>(0, 0));
  view.now = version.get<instant>(0, 1);
  for (std::size_t row = 0; row < nodes.size(); ++row) view.nodes.push_back(to_node(nodes, row));
  for (std::size_t row = 0; row < shards.size(); ++row) view.shards.push_back(to_shard(shards, row));
  return view;
}

}  // namespace dabba::postgres
