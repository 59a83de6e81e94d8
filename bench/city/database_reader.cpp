#include "bench/city/database_reader.hpp"

#include <charconv>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace dabba::city {

namespace {

constexpr const char* begin_snapshot = "begin transaction isolation level repeatable read read only";

constexpr const char* journal_query = R"(
select shard, position, entity_kind, entity_id, seq, command_id, command_index, epoch, type,
       coalesce(payload::jsonb ->> 'partnerId', payload::jsonb -> 'by' ->> 'partnerId', ''),
       coalesce(payload::jsonb ->> 'paymentMethod', ''), coalesce(feed::text, '')
from ordering.journal order by shard, position)";

constexpr const char* shard_query = R"(
select s.id, s.epoch, s.position, coalesce(s.owner::text, ''),
       coalesce(n.state in ('up', 'draining') and n.lease_until >= clock_timestamp(), false)
from cluster.shard s left join cluster.node n on n.node_id = s.owner)";

constexpr const char* head_query = R"(
select order_id, version, status, delivery_status, coalesce(partner_id::text, ''), shard, open
from ordering.order_head)";

constexpr const char* assignment_query = R"(
select order_id, partner_id, slot, active, (extract(epoch from begun_at) * 1000000)::bigint,
       (extract(epoch from ended_at) * 1000000)::bigint
from delivery.assignment order by assignment_id)";

struct connection_closer {
  void operator()(PGconn* c) const { PQfinish(c); }
};
struct result_closer {
  void operator()(PGresult* r) const { PQclear(r); }
};

std::runtime_error failure(PGconn* connection) {
  std::string why = PQerrorMessage(connection);
  while (!why.empty() && why.back() == '\n') why.pop_back();
  return std::runtime_error{"database: " + why};
}

/// The rows of one answer, as text.
class answer {
 public:
  answer(PGconn* connection, const char* query) : result_(PQexec(connection, query)) {
    const auto status = PQresultStatus(result_.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw failure(connection);
  }
  [[nodiscard]] int size() const { return PQntuples(result_.get()); }
  [[nodiscard]] bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  [[nodiscard]] std::string text(int row, int column) const { return PQgetvalue(result_.get(), row, column); }
  template <class T = int>
  [[nodiscard]] T number(int row, int column) const {
    const std::string_view digits{PQgetvalue(result_.get(), row, column)};
    T value{};
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }

 private:
  std::unique_ptr<PGresult, result_closer> result_;
};

entity_kind kind_of(int code) {
  switch (code) {
    case 0: return entity_kind::order;
    case 1: return entity_kind::restaurant;
    case 2: return entity_kind::partner;
    default: throw std::runtime_error{fmt::format("database: {} is no kind of entity", code)};
  }
}

void read_journal(PGconn* connection, std::vector<journal_row>& out) {
  const answer rows{connection, journal_query};
  for (int i = 0; i < rows.size(); ++i)
    out.push_back({rows.number(i, 0), rows.number<std::int64_t>(i, 1), kind_of(rows.number(i, 2)), rows.text(i, 3),
                   rows.number<std::int64_t>(i, 4), rows.text(i, 5), rows.number(i, 6), rows.number<std::int64_t>(i, 7),
                   rows.text(i, 8), rows.text(i, 9), rows.text(i, 10), rows.text(i, 11)});
}

void read_assignments(PGconn* connection, std::vector<assignment_row>& out) {
  const answer rows{connection, assignment_query};
  for (int i = 0; i < rows.size(); ++i)
    out.push_back(
        {rows.text(i, 0), rows.text(i, 1), rows.number(i, 2), rows.text(i, 3) == "t", rows.number<std::int64_t>(i, 4),
         rows.is_null(i, 5) ? std::nullopt : std::optional{rows.number<std::int64_t>(i, 5)}});
}

}  // namespace

database_rows read_database(const std::string& url) {
  const std::unique_ptr<PGconn, connection_closer> connection{PQconnectdb(url.c_str())};
  if (PQstatus(connection.get()) != CONNECTION_OK) throw failure(connection.get());
  const answer snapshot{connection.get(), begin_snapshot};
  database_rows all;
  read_journal(connection.get(), all.journal);
  const answer shards{connection.get(), shard_query};
  for (int i = 0; i < shards.size(); ++i)
    all.shards.push_back({shards.number(i, 0), shards.number<std::int64_t>(i, 1), shards.number<std::int64_t>(i, 2),
                          shards.text(i, 3), shards.text(i, 4) == "t"});
  const answer heads{connection.get(), head_query};
  for (int i = 0; i < heads.size(); ++i)
    all.heads.push_back({heads.text(i, 0), heads.number<std::int64_t>(i, 1), heads.text(i, 2), heads.text(i, 3),
                         heads.text(i, 4), heads.number(i, 5), heads.text(i, 6) == "t"});
  read_assignments(connection.get(), all.assignments);
  return all;
}

}  // namespace dabba::city
