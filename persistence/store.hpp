/// The store ports: what the actors need of a durable store, in the model's own terms. PostgreSQL implements them
/// (persistence/postgres); tests may implement them in memory. All calls block: they are made from detached actors and
/// never from a scheduled one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "protocols/model/cluster.hpp"
#include "protocols/model/errors.hpp"
#include "protocols/model/partner.hpp"
#include "protocols/model/restaurant.hpp"

namespace dabba {

template <class T>
using result_of = tl::expected<T, errc>;

/// An event as the journal keeps it: its type's name, the version of its payload, the payload as JSON.
struct event_record {
  std::string type;
  std::int32_t version = 1;
  std::string payload;
};

// The columns of the head tables that others search by; the whole state is beside them as JSON.

struct order_columns {
  order_status status = order_status::payment_pending;
  delivery_status delivery = delivery_status::not_started;
  user_id customer;
  restaurant_id restaurant;
  std::optional<partner_id> partner;
  zone_id zone;
  instant placed_at;
  std::optional<instant> ended_at;
};
struct restaurant_columns {
  user_id owner;
  std::string license_number;
  verification_status verification = verification_status::pending_verification;
  restaurant_status status = restaurant_status::offline;
};
struct partner_columns {
  shift_status shift = shift_status::offline;
};
using head_columns = std::variant<order_columns, restaurant_columns, partner_columns>;

/// A partner's slot taken by an order, or given back. At most one partner carries an order, and one order is in a slot.
struct assignment_change {
  enum class kind : std::uint8_t { begin, end };
  kind what = kind::begin;
  order_id order;
  partner_id partner;
  std::uint8_t slot = 0;
};

/// A promotion used by an order, or given back by it. Of a counted one only so many are left; of one with
/// `per_customer` a customer may use only so many.
struct redemption_change {
  enum class kind : std::uint8_t { reserve, release };
  kind what = kind::reserve;
  promotion_id promotion;
  order_id order;
  user_id customer;
  bool is_counted = false;
  std::optional<std::int32_t> per_customer{};
};

/// The answer to a request that carried an Idempotency-Key, stored with its effect.
struct idempotent_answer {
  user_id caller;
  std::string key;           ///< method, path and the caller's key
  std::string request_hash;  ///< of the body, hexadecimal
  std::string body;          ///< the answer as the codec writes it
};

/// What one command does to one entity, written in one transaction or not at all.
struct append {
  shard_id shard;
  std::uint64_t epoch = 0;  ///< the epoch the shard was acquired with by the actors that made this
  entity_ref entity;
  std::uint64_t first_seq = 1;  ///< of the first event; the head must be at first_seq - 1
  command_id command;
  std::vector<event_record> events;
  instant at;
  std::optional<uuid> feed;  ///< the restaurant whose feed shows these events
  std::string state;         ///< the fold of all events, as JSON
  bool open = true;          ///< to be loaded when the shard starts
  std::optional<instant> deadline;
  head_columns columns;
  std::vector<assignment_change> assignments;
  std::vector<redemption_change> redemptions;
  std::optional<idempotent_answer> answer;
  /// When its command came to the node. Its wait for a database that is away counts from here, wherever it has been
  /// queued since.
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
};

/// In the journal: the shard's position of the first of its events.
struct appended {
  std::uint64_t first_position = 0;
  /// When the journal had the command already, from before: the sequence number of its first event then. What was to be
  /// written now is not.
  std::optional<std::uint64_t> repeat_of;
};

/// Writes commands in groups. One object is used by one thread.
class journal_writer {
 public:
  virtual ~journal_writer() = default;

  /// From now on this writer may write to the shard, which was acquired with `epoch`.
  virtual void own(shard_id shard, std::uint64_t epoch) = 0;
  virtual void disown(shard_id shard) = 0;

  /// Writes all of `batch` that can be written, in one transaction per attempt, and says for each what became of it:
  /// - `moved`: the shard is no longer ours (or was acquired anew since); nothing was written, its actors must stop
  /// - `stale_version`: the head is not at first_seq - 1
  /// - `offer_no_longer_available`: the order has a partner already; `partner_at_capacity`: the slot is taken
  /// - `promotion_used_up`: none is left of a promotion; `promotion_already_used`: the customer has used it as often as
  ///   they may
  /// - `licence_number_taken`, `idempotency_key_exists`: the unique value is there already
  /// - `unavailable`: certainly not written. The database could not be reached, or could not write anything, until the
  ///   oldest of the batch was limits::store_patience old. What is older than that already does not wait; a database
  ///   that answers is asked once all the same.
  /// - `internal`: the database refused this one command, for a reason that is none of the above and will not pass
  /// A command already in the journal under its (entity, command id) is not written again, but answered as a repeat.
  /// An outcome unknown after a lost connection is resolved before this returns (reliability: the shards' epochs are
  /// raised, which waits for any transaction still holding them, then the command ids are looked up). When it can't be
  /// resolved in time the answer is `outcome_unknown`, and the shard is disowned.
  virtual std::vector<result_of<appended>> write(std::span<const append> batch) = 0;
};

/// A head row: an entity's state as of its last event.
struct head_record {
  entity_ref entity;
  std::uint64_t version = 0;
  std::string state;
  std::optional<instant> deadline;
};

struct stored_event {
  entity_ref entity;
  std::uint64_t seq = 0;
  std::uint64_t position = 0;
  event_record event;
  instant at;
};

/// How a zone has done since an instant, for its board after a restart.
struct zone_summary {
  std::uint64_t delivered = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t rejected = 0;
  std::uint64_t undeliverable = 0;
  std::vector<duration> click_to_door;  ///< of the latest delivered orders, oldest first, at most 10,000
};

/// Where the next page of a restaurant's orders begins: after this order, newest first.
struct order_cursor {
  instant placed_at;
  order_id order;
};

/// Reads. One object is used by one thread. `unavailable` when the database can't be reached.
class entity_reader {
 public:
  virtual ~entity_reader() = default;

  /// The reads that follow were asked for then: patience with a store that is away counts from there.
  virtual void asked_at(std::chrono::steady_clock::time_point) {}

  /// The heads of all open entities of a shard.
  virtual result_of<std::vector<head_record>> open_entities(shard_id shard) = 0;
  virtual result_of<std::optional<head_record>> load(const entity_ref& entity) = 0;
  /// Events with a sequence number above `since`, in sequence, at most `limit`.
  virtual result_of<std::vector<stored_event>> events(const entity_ref& entity, std::uint64_t since,
                                                      std::size_t limit) = 0;
  /// Events of all orders of a restaurant with a position above `since`, in position, at most `limit`.
  virtual result_of<std::vector<stored_event>> restaurant_feed(restaurant_id restaurant, shard_id shard,
                                                               std::uint64_t since, std::size_t limit) = 0;
  /// The states (JSON) of a restaurant's orders, newest first.
  virtual result_of<std::vector<std::string>> restaurant_orders(
      restaurant_id restaurant, std::optional<order_status> status, std::optional<order_cursor> after,
      std::size_t limit) = 0;
  /// The position of the latest event of a restaurant's orders, 0 when there is none.
  virtual result_of<std::uint64_t> feed_position(restaurant_id restaurant, shard_id shard) = 0;
  virtual result_of<std::optional<idempotent_answer>> answer(user_id caller, const std::string& key) = 0;
  /// Whether the customer has an order that is open or was not called off.
  virtual result_of<bool> has_ordered(user_id customer) = 0;
  virtual result_of<zone_summary> summary(zone_id zone, instant since) = 0;
};

struct owned_shard {
  shard_id id;
  std::uint64_t epoch = 0;
};

/// The platform clock's anchor: at `real_anchor` (Unix time) it showed `platform_anchor`, and it runs `scale` times as
/// fast as the wall.
struct clock_setting {
  instant real_anchor;
  instant platform_anchor;
  double scale = 1;
  instant real_now;  ///< by the database's clock, at `read_at`
  std::chrono::steady_clock::time_point read_at;
  std::chrono::steady_clock::duration uncertainty{};  ///< `real_now` may be so much too early or too late
};

/// Cluster tables: nodes, shards, the clock. One object is used by one thread. Every call ends within
/// limits::store_patience (a change may take lock_patience longer); `unavailable` when the database does not answer,
/// `internal` when it answers what no repetition can mend.
class cluster_store {
 public:
  virtual ~cluster_store() = default;

  /// Makes the cluster row and the shard rows when they are missing. An existing other shard count is an error
  /// (`invalid_argument`). Waits longer than the other calls for a database that starts.
  virtual result_of<void> ensure_shards(std::uint16_t shard_count) = 0;
  /// How many shards the cluster has; nothing when it was not made yet.
  virtual result_of<std::optional<std::uint16_t>> shard_count() = 0;
  /// The stored setting; when there is none, or another scale is asked for, one is stored that goes on without a jump.
  /// Without a scale the stored one is taken, or 1. Real time is the database's, as exactly as its distance allows:
  /// nodes whose clocks differ by some milliseconds order what happens by different times.
  virtual result_of<clock_setting> clock(std::optional<double> scale) = 0;

  /// Inserts the node, which is joining, with a fresh lease.
  virtual result_of<void> join(const node_profile& self) = 0;
  /// Takes the node's advisory lock, on a connection of its own that stays open, and says so in its row. False when
  /// somebody else holds it (a connection of ours that the database has not seen end yet).
  virtual result_of<bool> take_lock(node_id self) = 0;
  /// False once the connection that holds the lock is gone. Does not block: it looks at the socket.
  virtual bool holds_lock() = 0;
  /// Renews the lease and reads the tables: without the shards while the version is still `known_version`. Nothing when
  /// the node was declared dead, or is not there.
  virtual result_of<std::optional<cluster_view>> renew(node_id self, const std::set<node_id>& unreachable,
                                                       std::uint64_t known_version) = 0;
  /// The tables, whole: for operators.
  virtual result_of<cluster_view> view() = 0;
  /// Makes a change on behalf of `caller`, as far as what it names is still so. False when nothing of it was.
  virtual result_of<bool> change(node_id caller, const cluster_change& what) = 0;
  /// Takes a shard of this node again, with a raised epoch, after its writer gave it up (an outcome it could not
  /// learn). Nothing when another node owns it now, or is to.
  virtual result_of<std::optional<owned_shard>> retake(node_id node, shard_id shard) = 0;

  /// Forgets answers stored before then, some thousands at a time; how many it were.
  virtual result_of<std::size_t> forget_answers(instant before) = 0;
  /// Nothing when the database answers and its schema is current, else what is wrong, for /readyz.
  virtual std::optional<std::string> problem() = 0;
};

}  // namespace dabba
