/// The edge of a node: HTTP and WebSocket on one side, the region actor on the other. What it serves is docs/api.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http-edge/password_cost.hpp"
#include "http-edge/tokens.hpp"
#include "persistence/account_store.hpp"
#include "persistence/order_archive.hpp"
#include "persistence/promotion_store.hpp"
#include "persistence/store.hpp"
#include "protocols/actors.hpp"
#include "protocols/model/clock.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

struct edge_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;                  ///< 0: any free one
  std::optional<std::uint16_t> admin_port{};  ///< health and metrics; without it they are on `port`
  std::string web_root{};                     ///< the pages; empty: none
  std::string swagger_ui{};                   ///< for the page at /docs; empty: none
  /// The live city and the steps of its orders are shown to everybody, without personal data.
  bool open_city = false;
  unsigned threads = 1;
  unsigned read_threads = 2;
  /// Of the cluster: tells where a restaurant's feed is.
  std::uint16_t shard_count = limits::shards_default;
  /// Origins of other hosts whose pages may open the stream, as `https://host[:port]`.
  std::vector<std::string> allowed_origins{};
  /// Frames a WebSocket client may send per second, in bursts of five times that; 0: as many as it likes.
  unsigned frames_per_second = 200;
  unsigned account_threads = 2;
  unsigned password_threads = 2;
  password_cost passwords{};
  /// Proxies whose X-Forwarded-For is believed: addresses, or networks as `10.0.0.0/8`.
  std::vector<std::string> trusted_proxies{};
  /// Requests of one caller, in bursts of five times that; 0: as many as it likes.
  unsigned requests_per_second = 1000;
  /// Requests of one client network that begin or keep a session; 0: as many as it likes.
  unsigned sign_ins_per_minute = 120;
  /// Tokens of users who have no account do as much as those of others. For development.
  bool trust_unknown_callers = false;
};

struct edge_services {
  caf::actor_system& system;
  region_actor region;
  const clock& time;
  /// Real time as the database has it, so that a node whose own clock is wrong still tells tokens that have ended.
  const clock& wall;
  /// A reader for one thread of the read pool.
  std::function<std::unique_ptr<entity_reader>()> make_reader;
  /// What keeps this node from serving, for /readyz. May block; it is called on a thread of the read pool.
  std::function<std::optional<std::string>()> problem;
  std::shared_ptr<const token_keys> keys;
  /// The cluster's tables, and a change of them, for operators. They block as `problem` does.
  std::function<result_of<cluster_view>()> read_cluster;
  std::function<result_of<bool>(const start_draining&)> drain_node;
  /// Stores for one thread of the accounts' pool.
  std::function<std::unique_ptr<identity_store>()> make_identity;
  std::function<std::unique_ptr<order_archive>()> make_archive;
  /// What all nodes know and nobody else; cursors are signed with it.
  std::string shared_secret;
  /// The promotions, for one thread of the read pool; empty: there are none.
  std::function<std::unique_ptr<promotion_store>()> make_promotions{};
};

/// Registers the messages the edge sends to itself. Once, after `register_message_types()`, before an actor system is
/// made.
void register_edge_types();

class edge {
 public:
  edge(edge_options options, edge_services services);
  /// Stops it when nobody did.
  ~edge();
  edge(const edge&) = delete;
  edge& operator=(const edge&) = delete;

  /// Listens; throws std::runtime_error when an address can't be had or the pages can't be read.
  void start();
  /// The ports it listens on, once started.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t admin_port() const;
  /// Not ready any more, takes no connection, finishes requests in flight within a bound, closes sockets with 1001.
  void stop();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace dabba
