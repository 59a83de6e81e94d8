#include "http-edge/cluster.hpp"

#include <algorithm>

#include "cluster-config/membership.hpp"
#include "http-edge/commands.hpp"
#include "http-edge/query.hpp"

namespace dabba::http {
namespace {

void put_node(json_object& out, const cluster_view& view, const node_row& node, const shard_counts& counts) {
  out.put("nodeId", node.id).put("state", node.state).put("shards", counts.owned).put("coming", counts.coming);
  out.put("going", counts.going).put("leaseSeconds", lease_left_s(view, node)).put("hasLostLock", node.has_lost_lock);
  out.array("unreachable", node.unreachable, [](json_object& each, node_id peer) { each.put("nodeId", peer); });
  out.put("clusterAddress", node.host + ":" + std::to_string(node.cluster_port)).put("url", node.http_url);
  out.put("protocolVersion", node.protocol_version).put("startedAt", node.started_at);
}

asio::awaitable<result_of<cluster_view>> view_of(call& c) {
  result_of<cluster_view> lost = tl::unexpected{errc::unavailable};
  co_return co_await c.shared.reads.run(std::move(lost), c.shared.services.read_cluster);
}

asio::awaitable<handled> read_cluster(call& c) {
  auto view = co_await view_of(c);
  if (!view) co_return refused(view.error());
  co_return json_response(cluster_json(*view));
}

answer_or_problem<bool> is_forced(const request& in) {
  auto force = query_string{in.query}.text("force");
  if (!force || *force == "false") return false;
  if (*force == "true") return true;
  return tl::unexpected{invalid_parameter("force", "is true or false")};
}

handled draining(node_id which) {
  return json_response(json_text_of([&](json_object& out) { out.put("nodeId", which).put("drains", true); }), 202);
}

asio::awaitable<handled> drain_one(call& c) {
  auto which = c.id<node_id>(0, errc::not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto force = is_forced(c.in);
  if (!force) co_return tl::unexpected{std::move(force.error())};
  auto drain = [how = c.shared.services.drain_node, what = start_draining{*which, *force}] { return how(what); };
  result_of<bool> undone = tl::unexpected{errc::unavailable};
  auto done = co_await c.shared.reads.run(std::move(undone), drain);
  if (!done) co_return refused(done.error());
  if (*done) co_return draining(*which);
  // It was not to be told: it drains already, is gone, or is the last.
  auto after = co_await view_of(c);
  if (!after) co_return refused(after.error());
  const auto* node = find_node(*after, *which);
  if (!node || node->state == node_state::dead) co_return refused(errc::not_found, "this node has ended");
  if (node->state == node_state::draining) co_return draining(*which);
  if (is_last_up(*after, *which))
    co_return tl::unexpected{make_problem(409, "last-node", std::string{last_up_detail} + ", or say ?force=true")};
  co_return refused(errc::unavailable);
}

constexpr auto operators = access::only({user_role::support, user_role::admin});
constexpr auto admins = access::only({user_role::admin}).confirmed();

constexpr std::array routes{
    route{verb::get, "/v1/admin/cluster", operators, key_rule::ignored, body_rule::none, read_cluster},
    route{verb::post, "/v1/admin/cluster/nodes/{}/drain", admins, key_rule::ignored, body_rule::optional, drain_one},
};

}  // namespace

std::map<node_id, shard_counts> count_shards(const cluster_view& view) {
  std::map<node_id, shard_counts> counts;
  for (const auto& shard : view.shards) {
    if (!shard.owner) continue;
    ++counts[*shard.owner].owned;
    if (shard.state != shard_state::handoff || !shard.target) continue;
    ++counts[*shard.owner].going;
    ++counts[*shard.target].coming;
  }
  return counts;
}

double lease_left_s(const cluster_view& view, const node_row& node) {
  return std::chrono::duration<double>{node.lease_until - view.now}.count();
}

std::string cluster_json(const cluster_view& view) {
  auto counts = count_shards(view);
  return json_text_of([&](json_object& out) {
    out.put("view", view.version).put("shards", view.shards.size()).put("unowned", count_unowned(view));
    out.array("nodes", view.nodes,
              [&](json_object& each, const node_row& node) { put_node(each, view, node, counts[node.id]); });
  });
}

std::span<const route> cluster_routes() { return routes; }

}  // namespace dabba::http
