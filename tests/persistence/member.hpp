/// A cluster in a database of a test's own, and nodes that act in it.
#pragma once

#include <initializer_list>

#include "tests/persistence/database.hpp"

namespace dabba::tests {

/// The cluster's rows are one for all, so each test has its own.
class own_cluster {
 public:
  /// Without shards the tables are empty.
  explicit own_cluster(std::uint16_t shards);
  own_cluster(const std::string& server_url, std::uint16_t shards);

  scratch_database database;
  postgres::cluster store{database.options(), {}};

  [[nodiscard]] cluster_view view();
  [[nodiscard]] std::uint64_t version() { return view().version; }
  [[nodiscard]] shard_row shard(std::uint16_t id) { return view().shards.at(id); }
  /// A node's state; `dead` when the view has it no more.
  [[nodiscard]] node_state state(node_id who);
  [[nodiscard]] bool has_lost_lock(node_id who);
  /// The shards as they are now.
  [[nodiscard]] std::vector<shard_claim> claims(std::initializer_list<std::uint16_t> ids);
  [[nodiscard]] std::vector<shard_claim> all_claims();

  /// What nodes can't do to each other.
  void kill(node_id who) { database.execute("update cluster.node set state = 'dead'" + where(who)); }
  void revive(node_id who) { database.execute("update cluster.node set state = 'up'" + where(who)); }
  void end_lease(node_id who) {
    database.execute("update cluster.node set lease_until = clock_timestamp() - interval '1 ms'" + where(who));
  }

 private:
  void make(std::uint16_t shards);
  static std::string where(node_id who) { return " where node_id = '" + to_string(who) + "'"; }
};

/// A node as its process would act, with a store of its own. It has joined.
struct member {
  explicit member(own_cluster& cluster) : member{cluster, cluster.database.options("member")} {}
  member(own_cluster& cluster, postgres::connect_options options);
  member(const member&) = delete;
  member& operator=(const member&) = delete;

  own_cluster& all;
  node_id id = node_id::make(real_now());
  std::vector<std::string> reports;
  postgres::cluster store;

  /// Makes the change, and checks that the version rose by one if and only if it was made. Nobody else may be at it.
  bool does(const cluster_change& what);
  std::optional<cluster_view> renew(std::uint64_t known_version = 0, const std::set<node_id>& unreachable = {});
  void come_up();
  void take(std::initializer_list<std::uint16_t> ids);
};

/// A member that is up.
struct running_member : member {
  explicit running_member(own_cluster& cluster) : member{cluster} { come_up(); }
};

}  // namespace dabba::tests
