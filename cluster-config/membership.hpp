/// The rules of membership and ownership, as pure functions of the cluster's tables. Every node applies them to what it
/// last read; the tables take a change only where they still are as it was decided upon (compare and set), so nodes
/// need not agree on when to do what. design: PostgreSQL is the arbiter, there is no second consensus.
#pragma once

#include <map>
#include <set>
#include <span>

#include "protocols/model/cluster.hpp"

namespace dabba {

namespace cluster_terms {

/// A lock that was seen lost for so long has lost its node: one that runs has noticed by then, fallen silent and taken
/// its lock again.
inline constexpr auto reconnect_patience = 500ms;
/// A node goes for broken links when it had to for so long: by then all who can't reach a node have said so, and nodes
/// on both ends of a link have renewed their leases since.
inline constexpr auto report_patience = 2750ms;
/// How soon a node that waits for another reads the tables again.
inline constexpr auto watch_interval = 100ms;

static_assert(report_patience > fresh_renewal, "who stands still makes nobody an outcast");
static_assert(lock_look_patience < reconnect_patience, "a node is silent before others take its lost lock for its end");
static_assert(watch_interval < reconnect_patience && reconnect_patience < renew_interval);

}  // namespace cluster_terms

/// How much node and shard belong together, by rendezvous hashing (Thaler and Ravishankar, 1998).
std::uint64_t affinity(shard_id shard, node_id node) noexcept;

/// Who should own each shard (index: the shard's id), nobody where no node is up. Every node that is up gets an equal
/// share, to one shard; as few shards as possible change their owner for it, and which ones do is decided by affinity.
/// A shard that is being handed over counts as its target's.
std::vector<std::optional<node_id>> fair_shares(const cluster_view& view);

/// Nodes that must go because links between running nodes are broken: those with the most broken links first, of equals
/// the latest to start, until every link that is left works. A link is broken when one of its ends says so; only what
/// nodes with a fresh lease say of such nodes counts.
std::vector<node_id> outcasts(const cluster_view& view);

/// Time on one node's own monotonic clock.
using uptime = std::chrono::microseconds;

/// What a node knows beside the tables.
struct node_memory {
  node_id self;
  // Only a node that did both for the term of a lease may find that others did not: when the database, or what stands
  // between it and the nodes, was away, it was for all.
  uptime renewing_since{};      ///< it has renewed its lease without a break since then; `uptime::max()`: it does not
  uptime holding_lock_since{};  ///< it has held its lock on the same connection since then; likewise
  /// Nodes it can't exchange messages with now (or not yet).
  std::set<node_id> unreachable;
  /// Shards it owns, is asked for, and has no write under way for any more, by the epoch they were acquired with. It
  /// serves no reads of a shard from when it sees that it is asked for it. Forgotten by `next_steps` when it is kept.
  std::map<shard_id, std::uint64_t> drained;

  // Kept by `next_steps`.
  uptime looked_at{};       ///< when it was called last
  uptime watching_since{};  ///< it has been called without long breaks since then
  // When it saw first, without a break since, that
  std::map<shard_id, uptime> asked_at{};     ///< a shard was being handed over to it
  std::map<node_id, uptime> lock_lost_at{};  ///< a node had lost its lock
  std::map<node_id, uptime> outcast_at{};    ///< a node had to go for broken links
};

struct cluster_steps {
  /// It is dead by the tables, or cut off: the process ends, at once.
  bool must_end = false;
  /// It is draining and owns nothing any more.
  bool may_leave = false;
  /// It wants something or waits for another node: it reads the tables again after `watch_interval` at the latest, and
  /// renews its lease with it.
  bool watch = false;
  std::vector<cluster_change> changes;
};

/// What a node does next. Doing it, reading the tables anew and asking again leads to a cluster in which every shard
/// has a running owner and every owner its fair share.
cluster_steps next_steps(const cluster_view& view, node_memory& memory, uptime now);

/// The row of a node; null when the tables do not have it.
const node_row* find_node(const cluster_view& view, node_id who) noexcept;
/// Up or draining: it may own shards.
bool is_running(const cluster_view& view, node_id who) noexcept;
/// It is up, and no other node is: who drained it would leave its shards to nobody.
bool is_last_up(const cluster_view& view, node_id who) noexcept;
/// Shards that no running node owns.
std::size_t count_unowned(const cluster_view& view) noexcept;

}  // namespace dabba
