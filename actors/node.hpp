/// What actors are given when they are spawned: the node's clock, terms and stores, and what a shard's entities share.
#pragma once

#include <functional>
#include <memory>

#include "actors/lease.hpp"
#include "actors/store_actors.hpp"
#include "protocols/model/clock.hpp"
#include "protocols/model/pricing_terms.hpp"
#include "protocols/model/terms.hpp"
#include "protocols/sending.hpp"

namespace dabba {

struct node_context {
  node_id self;
  std::shared_ptr<const node_lease> lease;
  std::shared_ptr<const clock> time;
  order_terms orders;
  dispatch_terms dispatch;
  pricing_terms pricing;
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

}  // namespace dabba
