#include "tests/persistence/member.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "persistence/postgres/migrate.hpp"

namespace dabba::tests {

own_cluster::own_cluster(std::uint16_t shards) { make(shards); }

own_cluster::own_cluster(const std::string& server_url, std::uint16_t shards) : database{server_url} { make(shards); }

void own_cluster::make(std::uint16_t shards) {
  auto conn = database.connect();
  REQUIRE(postgres::migrate(conn, postgres::migrations(), in(30s)));
  if (shards > 0) REQUIRE(store.ensure_shards(shards));
}

cluster_view own_cluster::view() {
  auto view = store.view();
  REQUIRE(view);
  return *view;
}

node_state own_cluster::state(node_id who) {
  auto now = view();
  auto found = std::ranges::find(now.nodes, who, &node_row::id);
  return found == now.nodes.end() ? node_state::dead : found->state;
}

bool own_cluster::has_lost_lock(node_id who) {
  auto now = view();
  auto found = std::ranges::find(now.nodes, who, &node_row::id);
  REQUIRE(found != now.nodes.end());
  return found->has_lost_lock;
}

std::vector<shard_claim> own_cluster::claims(std::initializer_list<std::uint16_t> ids) {
  auto now = view();
  std::vector<shard_claim> out;
  for (auto id : ids) out.push_back({{id}, now.shards.at(id).epoch});
  return out;
}

std::vector<shard_claim> own_cluster::all_claims() {
  std::vector<shard_claim> out;
  for (const auto& s : view().shards) out.push_back({s.id, s.epoch});
  return out;
}

member::member(own_cluster& cluster, postgres::connect_options options)
    : all{cluster}, store{std::move(options), [this](const std::string& what) { reports.push_back(what); }} {
  REQUIRE(store.join({id, "10.0.0.1", 7100, "http://10.0.0.1:8080", 3}));
}

bool member::does(const cluster_change& what) {
  auto before = all.version();
  auto done = store.change(id, what);
  REQUIRE(done);
  CHECK(all.version() == before + (*done ? 1 : 0));
  return *done;
}

std::optional<cluster_view> member::renew(std::uint64_t known_version, const std::set<node_id>& unreachable) {
  auto renewed = store.renew(id, unreachable, known_version);
  REQUIRE(renewed);
  return *renewed;
}

void member::come_up() { REQUIRE(does(dabba::come_up{all.version()})); }

void member::take(std::initializer_list<std::uint16_t> ids) { REQUIRE(does(take_over{all.claims(ids)})); }

}  // namespace dabba::tests
