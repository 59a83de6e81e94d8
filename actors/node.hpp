/// What actors are given when they are spawned: the node's clock, terms and stores, and what a shard's entities share.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <functional>
#include <memory>

#include "actors/lease.hpp"
#include "actors/store_actors.hpp"
#include "protocols/model/clock.hpp"
#include "protocols/model/terms.hpp"

namespace dabba {

struct node_context {
  node_id self;
  std::shared_ptr<const node_lease> lease;
  std::shared_ptr<const clock> time;
  order_terms orders;
  dispatch_terms dispatch;
  std::uint16_t shard_count = 256;
  std::vector<journal_actor> journals;
  std::vector<reader_actor> readers;
  cluster_actor cluster;
  std::function<void(const std::string&)> report;  ///< may be empty

  void tell_operator(const std::string& what) const {
    if (report) report(what);
  }
  [[nodiscard]] const journal_actor& journal_of(shard_id shard) const {
    return journals[shard.value % journals.size()];
  }
  [[nodiscard]] const reader_actor& reader_of(shard_id shard) const { return readers[shard.value % readers.size()]; }
};

/// Shared by the entities of one shard, as it was acquired.
struct shard_context {
  std::shared_ptr<const node_context> node;
  region_actor region;
  shard_actor shard;
  shard_id id;
  std::uint64_t epoch = 0;

  [[nodiscard]] instant now() const { return node->time->now(); }
};
using shard_context_ptr = std::shared_ptr<const shard_context>;

/// Sends a message to wherever its entity lives, and forgets it.
template <class Body>
void send_to(const region_actor& region, const entity_ref& to, Body&& body) {
  caf::anon_send(region, envelope{to, 0, 0, routed{std::forward<Body>(body)}});
}

/// For positions, of which there are many: without the way through region and shard when the actor is on this node. To
/// another the links gather them.
template <class Actor, class Body>
void tell_directly_if_here(caf::actor_system& system, const Actor& known, const region_actor& region,
                           const entity_ref& to, Body&& body) {
  if (known && known.node() == system.node())
    caf::anon_send(known, std::forward<Body>(body));
  else
    send_to(region, to, std::forward<Body>(body));
}

}  // namespace dabba
