/// What membership, region and links of one node tell each other; none of it leaves the node.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <memory>

#include "actors/store_actors.hpp"
#include "protocols/model/cluster.hpp"

namespace dabba {

struct link_state;
struct newer_view;
struct drained;
struct lock_state;
struct start_leaving;

/// A node's place in the cluster: its lease, its row, its share of the shards.
using membership_actor = caf::typed_actor<
    caf::result<void>(link_state),     // from a link
    caf::result<void>(newer_view),     // from a link: look at the tables
    caf::result<void>(drained),        // from the region
    caf::result<void>(lock_state),     // from the lock keeper
    caf::result<void>(start_leaving),  // drain, and end; membership_options::has_left is called in the end
    caf::result<void>(flush),          // to itself: look at the tables
    caf::result<void>(tick),           //
    caf::result<void>(stop)>;

/// From membership: the cluster as it is now.
struct view_changed {
  std::shared_ptr<const cluster_view> view;
  membership_actor by;
};
/// A shard as the links of its node need to know it.
struct local_route {
  shard_actor actor;     ///< null: not served here
  bool is_ours = false;  ///< by the tables: what comes for it may wait until it is served
};
/// From the region to its links: the shards by id, as of this view of the cluster.
struct routes_changed {
  std::uint64_t view = 0;
  std::shared_ptr<const std::vector<local_route>> here;
};
/// From a link: what the other node did not take (`is_moved`: it does not own the shard), or was lost with the
/// connection.
struct returned {
  envelope what;
  bool is_moved = false;
};
/// From a link: the connection works both ways, or no more.
struct link_state {
  node_id peer;
  bool is_up = false;
  caf::node_id system;  ///< the peer's actor system, when it is up
};
/// From a link: the peer knows a newer view of the cluster.
struct newer_view {
  std::uint64_t version = 0;
};
/// From the region to a link: the other node called.
struct called {
  hello by;
};
/// From the region: a shard that is asked for has no write under way any more.
struct drained {
  shard_id shard;
  std::uint64_t epoch = 0;
};
/// From a shard to its region: it has nothing to do at a tick before then (platform time).
struct tick_from {
  shard_id shard;
  instant at;
};
/// From the lock keeper: the node's advisory lock was taken, or lost.
struct lock_state {
  bool is_held = false;
};
/// To membership: hand over all shards, then say so.
struct start_leaving {};

struct dial {
  std::string host;
  std::uint16_t port = 0;
};
/// Opens connections to other nodes; detached, because that blocks.
using dialer_actor = caf::typed_actor<caf::result<gateway_actor>(dial),  // within some seconds
                                      caf::result<void>(stop)>;

/// The end of a connection as its own node sees it.
using local_link_actor =
    link_actor::extend<caf::result<reply>(envelope),                      // for an entity of the other node
                       caf::result<partner_actor>(locate_partner),        //
                       caf::result<matchmaker_actor>(locate_matchmaker),  //
                       caf::result<zone_list>(list_zones),                // the other node's own
                       caf::result<void>(session_news),                   // for its sessions
                       caf::result<void>(called),                         //
                       caf::result<void>(newer_view),                     // to be told to the other node
                       caf::result<void>(routes_changed),                 //
                       caf::result<void>(tick),                           // from the region
                       caf::result<void>(stop)>;

/// The region as membership and links see it.
using local_region_actor =
    region_actor::extend<caf::result<welcome>(hello),      // from the gateway
                         caf::result<void>(view_changed),  // from membership
                         caf::result<void>(link_state),    // from a link
                         caf::result<void>(tick_from),     // from a shard
                         caf::result<void>(flush),         // from a link: answered when all before it is passed on
                         caf::result<reply>(returned)>;    // from a link, with the promise of the one who asked

/// Once, after `register_store_types()`, before an actor system is made.
void register_cluster_types();

}  // namespace dabba

CAF_BEGIN_TYPE_ID_BLOCK(dabba_cluster, caf::id_block::dabba::end + 100)

CAF_ADD_TYPE_ID(dabba_cluster, (dabba::view_changed))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::routes_changed))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::returned))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::link_state))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::newer_view))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::called))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::drained))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::tick_from))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::lock_state))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::start_leaving))
CAF_ADD_TYPE_ID(dabba_cluster, (dabba::dial))

CAF_END_TYPE_ID_BLOCK(dabba_cluster)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::view_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::routes_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::returned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::link_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::newer_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::called)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::tick_from)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::lock_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::start_leaving)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::dial)
