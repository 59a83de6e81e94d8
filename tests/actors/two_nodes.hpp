/// Two nodes in one process: two actor systems that talk over CAF's middleman on loopback, one store, and a test that
/// plays membership for both.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/cluster_port.hpp"
#include "actors/region.hpp"
#include "tests/actors/platform.hpp"

namespace dabba::testing {

class cluster_node {
 public:
  cluster_node(std::shared_ptr<memory_store> store, std::shared_ptr<manual_clock> time, std::uint16_t shards);
  ~cluster_node();
  cluster_node(const cluster_node&) = delete;
  cluster_node& operator=(const cluster_node&) = delete;

  [[nodiscard]] node_id id() const { return node_->self; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] caf::actor_system& system() { return system_; }
  [[nodiscard]] const local_region_actor& region() const { return region_; }
  void follow(const cluster_view& view) {
    caf::anon_send(region_, view_changed{std::make_shared<cluster_view>(view), {}});
  }
  /// A node that lost its lease: it must not answer for what it owns.
  void suspend() { lease_->suspend(); }

  [[nodiscard]] result_of<reply> ask(const entity_ref& to, routed body);
  [[nodiscard]] session open_session();

 private:
  static caf::actor_system_config& configure(caf::actor_system_config& config);

  caf::actor_system_config config_;
  caf::actor_system system_;
  std::shared_ptr<node_lease> lease_ = std::make_shared<node_lease>();
  std::shared_ptr<node_context> node_;
  dialer_actor dialer_;
  local_region_actor region_;
  std::uint16_t port_ = 0;
  std::vector<session_actor> sessions_;
};

class two_nodes {
 public:
  explicit two_nodes(std::uint16_t shards = 8);
  /// The journal is sound.
  ~two_nodes();

  cluster_node& first() { return *first_; }
  cluster_node& second() { return *second_; }
  [[nodiscard]] memory_store& store() { return *store_; }

  /// Moves the shards to this owner as a handoff would, in the tables.
  void move(const std::vector<shard_id>& shards, node_id to);
  void tell_first() { first_->follow(view_); }
  void tell_second() { second_->follow(view_); }
  /// Moves them, and tells both nodes.
  void give(const std::vector<shard_id>& shards, node_id to);
  /// The second node is gone, and the tables know; its shards are the first's.
  void lose_second();
  /// The same by the tables, but it runs, and knows nothing of it.
  void disown_second();

  /// A restaurant that is open, and an id for an order of it, in this shard.
  restaurant_id open_restaurant(shard_id in);
  order_id new_order(restaurant_id of) const { return make_order_id(time_->now(), of); }
  [[nodiscard]] place_order order_from(restaurant_id of) const;
  static command_meta fresh() { return platform::fresh(); }

 private:
  void give_to_first(node_id gone);

  std::shared_ptr<memory_store> store_;
  std::shared_ptr<manual_clock> time_ = std::make_shared<manual_clock>();
  std::unique_ptr<cluster_node> first_;
  std::unique_ptr<cluster_node> second_;
  cluster_view view_;
};

}  // namespace dabba::testing
