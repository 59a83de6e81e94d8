/// `dabba cluster`: what the tables say of the nodes, and a node told to drain. Needs the database only.
#include <fmt/core.h>

#include "cluster-config/membership.hpp"
#include "http-edge/cluster.hpp"
#include "http-edge/program/commands.hpp"
#include "http-edge/program/database.hpp"
#include "persistence/postgres/cluster.hpp"
#include "persistence/postgres/migrate.hpp"
#include "protocols/model/errors.hpp"

namespace dabba::program {
namespace {

constexpr const char* our_name = "dabba cluster";
constexpr auto operators_patience = std::chrono::seconds{5};

/// First of all, whether there is a cluster: of what is missing then, PostgreSQL's words would say little.
tl::expected<cluster_view, std::string> read_cluster(const std::string& database, postgres::cluster& tables) {
  auto until = within(operators_patience);
  auto connection = postgres::connection::open(connect_as(database, our_name), until);
  if (!connection) return tl::unexpected{"the database can't be reached: " + connection.error().message};
  if (auto problem = postgres::schema_problem(*connection, until))
    return tl::unexpected{*problem + " (run dabba migrate first)"};
  auto shards = tables.shard_count();
  if (shards && !*shards) return tl::unexpected{std::string{"no node has been started on this database yet"}};
  auto view = tables.view();
  if (!view) return tl::unexpected{"the cluster's tables can't be read: " + to_string(view.error())};
  return std::move(*view);
}

tl::expected<node_id, std::string> find_named(const cluster_view& view, const std::string& node) {
  std::vector<node_id> named;
  for (const auto& each : view.nodes)
    if (to_string(each.id).ends_with(node)) named.push_back(each.id);
  if (named.empty()) return tl::unexpected{"no node's id ends with '" + node + "'"};
  if (named.size() > 1) return tl::unexpected{"the ids of several nodes end with '" + node + "'"};
  return named.front();
}

void print_table(const cluster_view& view) {
  auto counts = http::count_shards(view);
  fmt::print("{:<36}  {:<8}  {:>6}  {:>6}  {:>6}  {:>7}  {}\n", "node", "state", "shards", "coming", "going", "lease s",
             "address");
  for (const auto& node : view.nodes) {
    const auto& own = counts[node.id];
    fmt::print("{:<36}  {:<8}  {:>6}  {:>6}  {:>6}  {:>7.1f}  {}\n", to_string(node.id), name(node.state), own.owned,
               own.coming, own.going, http::lease_left_s(view, node), node.http_url);
  }
  fmt::print("view {}, {} shards, {} without a running owner\n", view.version, view.shards.size(), count_unowned(view));
}

}  // namespace

outcome show_cluster(const std::string& database, bool as_json) {
  postgres::cluster tables{connect_as(database, our_name), report};
  auto view = read_cluster(database, tables);
  if (!view) return tl::unexpected{view.error()};
  if (as_json)
    fmt::print("{}\n", http::cluster_json(*view));
  else
    print_table(*view);
  return {};
}

outcome drain_node(const std::string& database, const std::string& node, bool force) {
  postgres::cluster tables{connect_as(database, our_name), report};
  auto view = read_cluster(database, tables);
  if (!view) return tl::unexpected{view.error()};
  auto who = find_named(*view, node);
  if (!who) return tl::unexpected{who.error()};
  auto done = tables.change(*who, start_draining{*who, force});
  if (!done) return tl::unexpected{"the database did not take it: " + to_string(done.error())};
  if (!*done) {
    view = read_cluster(database, tables);
    if (!view) return tl::unexpected{view.error()};
    const auto* row = find_node(*view, *who);
    if (row && row->state == node_state::dead) return tl::unexpected{"node " + to_string(*who) + " is dead already"};
    if (is_last_up(*view, *who)) return tl::unexpected{std::string{http::last_up_detail} + ", or say --force"};
  }
  fmt::print("node {} {}\n", to_string(*who), *done ? "drains" : "was draining or has ended already");
  return {};
}

}  // namespace dabba::program
