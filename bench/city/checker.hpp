/// Compares what the clients saw with what the database holds, and names every broken promise: I1 to I6 and I8 of the
/// reliability paper, and that each client's event streams have neither gap nor repeat. Knows no database; what it is
/// given was read elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/city/history.hpp"

namespace dabba::city {

enum class entity_kind { order, restaurant, partner };

/// One row of the journal.
struct journal_row {
  int shard = 0;
  std::int64_t position = 0;
  entity_kind kind = entity_kind::order;
  std::string entity;
  std::int64_t seq = 0;
  std::string command;
  int command_index = 0;
  std::int64_t epoch = 0;
  std::string type;
  std::string partner;         ///< the one its payload names, or empty
  std::string payment_method;  ///< of `order.placed`
  std::string restaurant;      ///< whose feed shows it, or empty
};

struct shard_row {
  int id = 0;
  std::int64_t epoch = 0;
  std::int64_t position = 0;  ///< of the last event
  std::string owner{};        ///< the node, or empty
  bool owner_runs = false;    ///< it is up or draining and holds its lease
};

/// Somebody saw in the tables that this node owned the shard with this epoch.
struct seen_owner {
  int shard = 0;
  std::int64_t epoch = 0;
  std::string owner;  ///< empty: nobody
};

struct order_head_row {
  std::string order;
  std::int64_t version = 0;
  std::string status;
  std::string delivery_status;
  std::string partner;
  int shard = 0;
  bool open = false;
};

/// Times are microseconds of platform time.
struct assignment_row {
  std::string order;
  std::string partner;
  int slot = 0;
  bool active = false;
  std::int64_t begun_at = 0;
  std::optional<std::int64_t> ended_at;
};

/// One consistent snapshot.
struct database_rows {
  std::vector<journal_row> journal;
  std::vector<shard_row> shards;
  std::vector<order_head_row> heads;
  std::vector<assignment_row> assignments;
};

struct recorded_history {
  std::vector<acknowledged_transition> transitions;
  std::vector<keyed_answer> keyed_answers;
  std::vector<seen_stream> streams;
  std::vector<seen_owner> owners{};  ///< in the order in which they were seen
};

struct violation {
  std::string invariant;  ///< `I1` .. `I6`, `I8`, or `stream`
  std::string what;
};

std::vector<violation> check(const recorded_history& seen, const database_rows& rows);

}  // namespace dabba::city
