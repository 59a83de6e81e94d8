/// `dabba cluster`: what the tables say of the nodes, and a node told to drain. Needs the database only.
#include <fmt/core.h>

#include "cluster-config/membership.hpp"
#include "http-edge/cluster.hpp"
#include "http-edge/program/commands.hpp"
#include "http-edge/program/database.hpp"
#include "persistence/postgres/cluster.hpp"
#include "protocols/model/errors.hpp"

namespace dabba::program {
namespace {

tl::expected<cluster_view, std::string> read_cluster(postgres::cluster& tables) {
  auto view = tables.view();
  if (!view) return tl::unexpected{"the cluster's tables can't be read: " + to_string(view.error())};
  return std::move(*view);
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
  postgres::cluster tables{connect_as(database, "dabba cluster"), report};
  auto view = read_cluster(tables);
  if (!view) return tl::unexpected{view.error()};
  if (as_json)
    fmt::print("{}\n", http::cluster_json(*view));
  else
    print_table(*view);
  return {};
}

outcome drain_node(const std::string& database, const std::string& node) {
  postgres::cluster tables{connect_as(database, "dabba cluster"), report};
  auto view = read_cluster(tables);
  if (!view) return tl::unexpected{view.error()};
  std::vector<node_id> named;
  for (const auto& each : view->nodes)
    if (to_string(each.id).ends_with(node)) named.push_back(each.id);
  if (named.empty()) return tl::unexpected{"no node's id ends with '" + node + "'"};
  if (named.size() > 1) return tl::unexpected{"the ids of several nodes end with '" + node + "'"};
  auto done = tables.change(named.front(), start_draining{named.front()});
  if (!done) return tl::unexpected{"the database did not take it: " + to_string(done.error())};
  fmt::print("node {} {}\n", to_string(named.front()), *done ? "drains" : "was draining or dead already");
  return {};
}

}  // namespace dabba::program
