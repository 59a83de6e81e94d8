/// The cluster as operators see it.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

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

std::string drain_path(const std::string& which) { return "/v1/admin/cluster/nodes/" + which + "/drain"; }
std::string drain_path(node_id which) { return drain_path(to_string(which)); }

got drain(platform& p, const std::string& path) {
  return ask(p.port(), "POST", path, p.token(user_role::admin, somebody));
}

void set_state(platform& p, std::size_t node, node_state state) {
  std::lock_guard lock{p.world().mutex};
  p.world().cluster.nodes[node].state = state;
}

node_state state_of(platform& p, std::size_t node) {
  std::lock_guard lock{p.world().mutex};
  return p.world().cluster.nodes[node].state;
}

TEST_CASE("an administrator drains a node, and nobody else does") {
  platform p;
  set_up(p);
  for (auto role : {user_role::support, user_role::customer})
    CHECK(ask(p.port(), "POST", drain_path(second), p.token(role, somebody)).status == 403);
  CHECK(drain(p, drain_path(node_id::make(real_now()))).status == 404);
  CHECK(drain(p, drain_path("first")).status == 404);
  CHECK(state_of(p, 1) == node_state::up);
  auto answer = drain(p, drain_path(second));
  REQUIRE(answer.status == 202);
  CHECK(answer.parsed().at("nodeId") == to_string(second));
  CHECK(answer.parsed().at("drains") == true);
  CHECK(state_of(p, 1) == node_state::draining);
  // Told again, it still does.
  CHECK(drain(p, drain_path(second)).status == 202);
}

TEST_CASE("a dead node can't be drained") {
  platform p;
  set_up(p);
  set_state(p, 1, node_state::dead);
  auto answer = drain(p, drain_path(second));
  CHECK(answer.status == 404);
  CHECK(answer.parsed().at("code") == "not-found");
}

TEST_CASE("the last node that is up drains only when it is forced to") {
  platform p;
  set_up(p);
  auto other = GENERATE(node_state::joining, node_state::draining, node_state::dead);
  set_state(p, 1, other);
  for (const auto* query : {"", "?force=false"}) {
    auto refused = drain(p, drain_path(first) + query);
    CHECK(refused.status == 409);
    CHECK(refused.parsed().at("code") == "last-node");
    CHECK(refused.parsed().at("detail").get<std::string>().find("?force=true") != std::string::npos);
  }
  CHECK(drain(p, drain_path(first) + "?force=please").status == 400);
  CHECK(state_of(p, 0) == node_state::up);
  CHECK(drain(p, drain_path(first) + "?force=true").status == 202);
  CHECK(state_of(p, 0) == node_state::draining);
}

TEST_CASE("without the store nobody can say how the cluster is") {
  platform p;
  p.world().is_store_away = true;
  CHECK(ask(p.port(), "GET", "/v1/admin/cluster", p.token(user_role::admin, somebody)).status == 503);
}

}  // namespace
}  // namespace dabba::test
