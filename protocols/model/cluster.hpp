/// Who owns what: the cluster's tables as a node last read them, and the changes that nodes make to them. The rules are
/// in cluster-config/membership.hpp, the tables in persistence/postgres/cluster.hpp.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "protocols/model/ids.hpp"

namespace dabba {

namespace cluster_terms {

using namespace std::chrono_literals;

/// How long a node is taken for alive after it last said so, by the database's clock.
inline constexpr auto lease = 6s;
/// After so long without a renewal, counted from before it was sent, a node itself stops answering.
inline constexpr auto lease_kept_locally = 5s;
inline constexpr auto renew_interval = 1s;
/// A node answers only while it looked at its lock's connection so recently, and found it there.
inline constexpr auto lock_look_patience = 400ms;
/// A lease renewed this recently shows that its node is running.
inline constexpr auto fresh_renewal = 2500ms;
/// A peer that did not answer for so long is reported as unreachable.
inline constexpr auto peer_patience = 5s;
/// An owner that was asked for a shard and did not hand it over by then loses it. Not before its lease is over: until
/// then it may not know that it was asked, and answer reads.
inline constexpr auto handoff_patience = lease;
/// How long an owner lets a shard's writes finish before it hands the shard over.
inline constexpr auto drain_patience = 1s;
/// Shards that a node takes from running owners at a time: how many may pause together.
inline constexpr std::size_t handoffs_at_once = 8;

static_assert(lease_kept_locally + renew_interval <= lease, "a node falls silent before others may take its place");
static_assert(drain_patience < handoff_patience);

}  // namespace cluster_terms

/// `joining`: knows nobody yet and owns nothing. `draining`: hands over what it owns and takes nothing.
enum class node_state : std::uint8_t { joining, up, draining, dead };
template <>
inline constexpr auto enum_names<node_state> = std::to_array<std::string_view>({"joining", "up", "draining", "dead"});

/// What a node says of itself when it joins. A node id is new at every start.
struct node_profile {
  node_id id;
  std::string host;  ///< where its peers reach it
  std::uint16_t cluster_port = 0;
  std::string http_url;
  std::uint32_t protocol_version = 0;
};

struct node_row : node_profile {
  node_state state = node_state::joining;
  instant started_at;  ///< by the database's clock, as all times here
  instant lease_until;
  /// It took its advisory lock after the database last started, and nobody holds that lock now: the kernel closed its
  /// connection, so the process is gone, or cut off from the database and knows it.
  bool has_lost_lock = false;
  std::vector<node_id> unreachable;  ///< peers it could not talk to when it last renewed its lease
};

/// `handoff`: the target asked the owner for it.
enum class shard_state : std::uint8_t { owned, handoff };
template <>
inline constexpr auto enum_names<shard_state> = std::to_array<std::string_view>({"owned", "handoff"});

struct shard_row {
  shard_id id;
  std::optional<node_id> owner;
  std::uint64_t epoch = 0;  ///< rises with every change of owner
  shard_state state = shard_state::owned;
  std::optional<node_id> target;
};

struct cluster_view {
  std::uint64_t version = 0;  ///< rises with every change of a node's state or a shard's owner, epoch, state or target
  instant now;
  std::vector<node_row> nodes;    ///< by id; the dead only while they own shards
  std::vector<shard_row> shards;  ///< by id, all of them
};

// -- Changes ---------------------------------------------------------------------------------------------------------
// Each names what it found; where the tables say something else by now it changes nothing. All are made by one node,
// "the caller".

/// The caller is connected with everybody: it may own shards.
struct come_up {
  std::uint64_t version = 0;
};
/// The caller will end, or an operator wants a node to: it hands over its shards.
struct start_draining {
  node_id who;
  bool even_the_last = true;  ///< else not the only node that is up: nobody could take its shards
};
/// The caller has stopped, and writes and answers nothing more: what it still owns can be taken over at once.
struct leave {};

enum class death : std::uint8_t { lock_lost, lease_over, cut_off };
template <>
inline constexpr auto enum_names<death> = std::to_array<std::string_view>({"lock lost", "lease over", "cut off"});

struct declare_dead {
  node_id who;
  death cause = death::lease_over;
  std::uint64_t version = 0;
};

/// A shard as it was found.
struct shard_claim {
  shard_id id;
  std::uint64_t epoch = 0;
  friend bool operator==(const shard_claim&, const shard_claim&) = default;
};
/// The shards of nobody and of the dead, to the caller, with a raised epoch.
struct take_over {
  std::vector<shard_claim> shards;
};
/// Marks shards of running owners as wanted by the caller.
struct ask_handoff {
  std::vector<shard_claim> shards;
};
/// The caller's own shards to the target that asked, with a raised epoch.
struct hand_over {
  std::vector<shard_claim> shards;
};
/// Shards that the caller asked for, from owners that did not answer, with a raised epoch.
struct force_handoff {
  std::vector<shard_claim> shards;
};
/// The caller's own shards whose target is gone or does not want them any more stay, with a raised epoch: a `hand_over`
/// that is still on its way must not take effect after all.
struct keep_shards {
  std::vector<shard_claim> shards;
};

using cluster_change = std::variant<come_up, start_draining, leave, declare_dead, take_over, ask_handoff, hand_over,
                                    force_handoff, keep_shards>;

}  // namespace dabba
