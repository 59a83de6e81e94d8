/// The detached actors in front of the store: the only ones that block. Their messages hold rows and stay on the node.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <functional>
#include <memory>

#include "persistence/store.hpp"
#include "protocols/actors.hpp"

namespace dabba {

struct own_shard {
  shard_id shard;
  std::uint64_t epoch = 0;
};
struct disown_shard {
  shard_id shard;
};
/// When a question was asked: in the mailbox of a busy reader nobody else takes the time.
using asking_time = std::chrono::steady_clock::time_point;

/// The heads of a shard's open entities.
struct load_open {
  shard_id shard;
  asking_time since = asking_time::clock::now();
};
/// Own a shard again that its journal gave up.
struct retake_shard {
  shard_id shard;
};
struct retaken_shard {
  std::optional<owned_shard> shard;  ///< nothing: another node has it
};
struct load_entity {
  entity_ref entity;
  asking_time since = asking_time::clock::now();
};
/// Of a zone's latest orders.
struct load_summary {
  zone_id zone;
  instant ended_since;
  asking_time since = asking_time::clock::now();
};
/// Where a restaurant's feed stands.
struct load_feed {
  restaurant_id restaurant;
  shard_id shard;
  asking_time since = asking_time::clock::now();
};
struct loaded_feed {
  std::uint64_t position = 0;
};
/// Answers stored before then are of use to nobody any more.
struct forget_answers {
  instant before;
};
struct loaded_heads {
  std::vector<head_record> heads;
};
struct loaded_entity {
  std::optional<head_record> head;
};
/// To itself: write what has been queued.
struct flush {};

/// Writes commands in groups: whatever was queued while the last group was being written is the next group.
using journal_actor = caf::typed_actor<
    caf::result<appended>(append),    // after its transaction committed, or why it was not written (errc)
    caf::result<void>(own_shard),     //
    caf::result<void>(disown_shard),  //
    caf::result<void>(flush),         //
    caf::result<void>(stop)>;         // behind what was sent before

using reader_actor =
    caf::typed_actor<caf::result<loaded_heads>(load_open),     //
                     caf::result<loaded_entity>(load_entity),  //
                     caf::result<zone_summary>(load_summary),  //
                     caf::result<loaded_feed>(load_feed),      //
                     caf::result<void>(stop)>;                 //

using cluster_actor = caf::typed_actor<caf::result<retaken_shard>(retake_shard),  //
                                       caf::result<void>(forget_answers),         //
                                       caf::result<void>(stop)>;

using writer_factory = std::function<std::unique_ptr<journal_writer>()>;
using reader_factory = std::function<std::unique_ptr<entity_reader>()>;

using cluster_factory = std::function<std::unique_ptr<cluster_store>()>;

journal_actor spawn_journal(caf::actor_system& system, writer_factory make);
reader_actor spawn_reader(caf::actor_system& system, reader_factory make);
cluster_actor spawn_cluster(caf::actor_system& system, cluster_factory make, node_id self);

/// Once, after `register_message_types()`, before an actor system is made.
void register_store_types();

}  // namespace dabba

CAF_BEGIN_TYPE_ID_BLOCK(dabba_store, caf::id_block::dabba::end + 50)

CAF_ADD_TYPE_ID(dabba_store, (dabba::append))
CAF_ADD_TYPE_ID(dabba_store, (dabba::appended))
CAF_ADD_TYPE_ID(dabba_store, (dabba::own_shard))
CAF_ADD_TYPE_ID(dabba_store, (dabba::disown_shard))
CAF_ADD_TYPE_ID(dabba_store, (dabba::load_open))
CAF_ADD_TYPE_ID(dabba_store, (dabba::load_entity))
CAF_ADD_TYPE_ID(dabba_store, (dabba::load_summary))
CAF_ADD_TYPE_ID(dabba_store, (dabba::loaded_heads))
CAF_ADD_TYPE_ID(dabba_store, (dabba::loaded_entity))
CAF_ADD_TYPE_ID(dabba_store, (dabba::zone_summary))
CAF_ADD_TYPE_ID(dabba_store, (dabba::flush))
CAF_ADD_TYPE_ID(dabba_store, (dabba::retake_shard))
CAF_ADD_TYPE_ID(dabba_store, (dabba::retaken_shard))
CAF_ADD_TYPE_ID(dabba_store, (dabba::load_feed))
CAF_ADD_TYPE_ID(dabba_store, (dabba::loaded_feed))
CAF_ADD_TYPE_ID(dabba_store, (dabba::forget_answers))

CAF_END_TYPE_ID_BLOCK(dabba_store)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::append)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::appended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::own_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::disown_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::load_open)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::load_entity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::load_summary)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::loaded_heads)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::loaded_entity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::zone_summary)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::retake_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::retaken_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::load_feed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::loaded_feed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::forget_answers)
