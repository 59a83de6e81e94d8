/// The cluster as operators see it.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

const auto first = node_id::make(real_now());
const auto second = node_id::make(real_now());
const auto somebody = make_uuid_v7(real_now());

/// Two nodes and four shards: one on its way from the first to the second, one of nobody.
void set_up(platform& p) {
  cluster_view view;
  view.version = 7;
  for (auto id : {first, second}) {
    node_row node;
    node.id = id;
    node.state = node_state::up;
    node.host = "10.0.0.1";
    node.cluster_port = 7400;
    node.lease_until = view.now + std::chrono::milliseconds{5500};
    view.nodes.push_back(node);
  }
  view.nodes[1].unreachable = {first};
  view.shards = {{{0}, first, 3, shard_state::owned, {}},
                 {{1}, first, 3, shard_state::handoff, second},
                 {{2}, second, 4, shard_state::owned, {}},
                 {{3}, {}, 0, shard_state::owned, {}}};
  std::lock_guard lock{p.world().mutex};
  p.world().cluster = view;
}

TEST_CASE("operators see the nodes, and how the shards are shared out") {
  platform p;
  set_up(p);
  auto answer = ask(p.port(), "GET", "/v1/admin/cluster", p.token(user_role::support, somebody));
  REQUIRE(answer.status == 200);
  auto body = answer.parsed();
  CHECK(body.at("view") == 7);
  CHECK(body.at("shards") == 4);
  CHECK(body.at("unowned") == 1);
  const auto& a = body.at("nodes").at(0);
  CHECK(a.at("nodeId") == to_string(first));
  CHECK(a.at("state") == "up");
  CHECK(a.at("shards") == 2);
  CHECK(a.at("going") == 1);
  CHECK(a.at("leaseSeconds") == 5.5);
  CHECK(a.at("clusterAddress") == "10.0.0.1:7400");
  const auto& b = body.at("nodes").at(1);
  CHECK(b.at("coming") == 1);
  CHECK(b.at("unreachable").at(0).at("nodeId") == to_string(first));
}

TEST_CASE("an administrator drains a node, and nobody else does") {
  platform p;
  set_up(p);
  auto path = "/v1/admin/cluster/nodes/" + to_string(second) + "/drain";
  auto drain = [&](user_role role, const std::string& which) {
    return ask(p.port(), "POST", which, p.token(role, somebody)).status;
  };
  CHECK(drain(user_role::support, path) == 403);
  CHECK(drain(user_role::customer, path) == 403);
  CHECK(p.world().drained.empty());
  CHECK(drain(user_role::admin, "/v1/admin/cluster/nodes/" + to_string(node_id::make(real_now())) + "/drain") == 404);
  CHECK(drain(user_role::admin, "/v1/admin/cluster/nodes/first/drain") == 404);
  CHECK(drain(user_role::admin, path) == 202);
  CHECK(p.world().drained == std::vector{second});
}

TEST_CASE("without the store nobody can say how the cluster is") {
  platform p;
  p.world().is_store_away = true;
  CHECK(ask(p.port(), "GET", "/v1/admin/cluster", p.token(user_role::admin, somebody)).status == 503);
}

}  // namespace
}  // namespace dabba::test
