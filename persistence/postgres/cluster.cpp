#include "persistence/postgres/cluster.hpp"

#include <cmath>

#include "persistence/postgres/migrate.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

using namespace std::chrono_literals;

// A node that starts may find the locks of one that has just died, and PostgreSQL needs a moment to notice.
constexpr auto start_patience = 10s;

constexpr statement insert_cluster{"insert_cluster", R"(
insert into cluster.cluster (shard_count) values ($1) on conflict do nothing)"};
constexpr statement select_shard_count{"select_shard_count", "select shard_count from cluster.cluster"};
// Only when the count is the cluster's, so that a wrong one leaves nothing behind.
constexpr statement insert_shards{"insert_shards", R"(
insert into cluster.shard (id)
select i from cluster.cluster c, generate_series(0, c.shard_count - 1) i
where c.shard_count = $1
on conflict do nothing)"};

constexpr statement insert_node{"insert_node", R"(
insert into cluster.node (node_id, http_url, state, lease_until)
values ($1, $2, 'up', clock_timestamp() + interval '6 s') on conflict do nothing)"};
constexpr statement bury_others{"bury_others", R"(
update cluster.node set state = 'dead' where node_id <> $1 and state <> 'dead')"};
constexpr statement raise_view{"raise_view", "update cluster.cluster set view_version = view_version + 1"};
constexpr statement lock_shards{"lock_shards", "select id from cluster.shard order by id for no key update"};
constexpr statement take_shards{"take_shards", R"(
update cluster.shard set owner = $1, epoch = epoch + 1, state = 'owned', target = null
returning id, epoch, position)"};

// Waits for a transaction that still holds the row, so that afterwards its outcome is certain.
constexpr statement retake_shard{"retake_shard", R"(
update cluster.shard set epoch = epoch + 1 where id = $2 and owner = $1
returning id, epoch, position)"};

// The old anchors are carried to the present, so that platform time goes on from where it is, at the new speed.
constexpr statement set_clock{"set_clock", R"(
update cluster.cluster set
  clock_platform_anchor = coalesce(clock_platform_anchor + ($2 - clock_real_anchor) * clock_scale, $2),
  clock_real_anchor = $2,
  clock_scale = $1
where clock_scale is distinct from $1)"};
constexpr statement get_clock{"get_clock", R"(
select clock_real_anchor, clock_platform_anchor, clock_scale from cluster.cluster)"};

constexpr statement delete_answers{"delete_answers", R"(
delete from messaging.idempotency
where ctid = any (array(select ctid from messaging.idempotency where at < $1 limit 5000)))"};

constexpr statement has_schema{"has_schema", "select to_regclass('public.dabba_migration') is not null"};
constexpr statement schema_version{"schema_version", "select coalesce(max(number), 0) from public.dabba_migration"};

/// The number of the last migration; nothing when the database does not tell.
std::optional<std::int32_t> version_of(connection& conn, deadline until) {
  auto exists = conn.run(call{&has_schema, {}}, until);
  if (!exists) return std::nullopt;
  if (!exists->get<bool>(0, 0)) return 0;
  auto version = conn.run(call{&schema_version, {}}, until);
  if (!version) return std::nullopt;
  return version->get<std::int32_t>(0, 0);
}

std::string version_problem(std::int32_t have) {
  auto needed = migrations().back().number;
  auto at = "version " + std::to_string(have);
  if (have == needed) return "the schema of " + at + " is not the one this program knows";
  return "the schema is at " + at + ", this program needs " + std::to_string(needed);
}

owned_shard to_owned(const rows& taken, std::size_t row) {
  return {{static_cast<std::uint16_t>(taken.get<std::int16_t>(row, 0))},
          static_cast<std::uint64_t>(taken.get<std::int64_t>(row, 1)),
          static_cast<std::uint64_t>(taken.get<std::int64_t>(row, 2))};
}

}  // namespace

result_of<std::vector<rows>> cluster::transact(const std::vector<call>& calls) {
  auto until = std::chrono::steady_clock::now() + start_patience;
  do {
    auto conn = session_.ready(until);
    if (!conn) break;
    auto a = (*conn)->run(calls, until);
    if (!a.error) return std::move(a.results);
    session_.report("PostgreSQL did not do " + std::string{calls.front().what->name} + ": " + a.error->message);
    if (a.error->is_about_data()) return tl::unexpected{errc::invalid_argument};
  } while (session::pause(until));
  return tl::unexpected{errc::unavailable};
}

result_of<void> cluster::ensure_shards(std::uint16_t shard_count) {
  if (shard_count == 0 || shard_count > limits::shards) return tl::unexpected{errc::invalid_argument};
  auto count = encode(static_cast<std::int16_t>(shard_count));
  auto done = transact({{&insert_cluster, {count}}, {&insert_shards, {count}}, {&select_shard_count, {}}});
  if (!done) return tl::unexpected{done.error()};
  if (done->back().get<std::int16_t>(0, 0) != static_cast<std::int16_t>(shard_count))
    return tl::unexpected{errc::invalid_argument};
  return {};
}

result_of<std::vector<owned_shard>> cluster::take_all_shards(node_id node, const std::string& http_url) {
  auto id = encode(node.value);
  auto done = transact({{&lock_shards, {}},
                        {&insert_node, {id, encode(http_url)}},
                        {&bury_others, {id}},
                        {&raise_view, {}},
                        {&take_shards, {id}}});
  if (!done) return tl::unexpected{done.error()};
  const auto& taken = done->back();
  std::vector<owned_shard> shards;
  for (std::size_t row = 0; row < taken.size(); ++row) shards.push_back(to_owned(taken, row));
  return shards;
}

result_of<std::optional<owned_shard>> cluster::retake(node_id node, shard_id shard) {
  auto done = transact({{&retake_shard, {encode(node.value), encode(static_cast<std::int16_t>(shard.value))}}});
  if (!done) return tl::unexpected{done.error()};
  const auto& taken = done->back();
  if (taken.size() == 0) return std::nullopt;
  return to_owned(taken, 0);
}

result_of<std::size_t> cluster::forget_answers(instant before) {
  auto done = transact({{&delete_answers, {encode(before)}}});
  if (!done) return tl::unexpected{done.error()};
  return static_cast<std::size_t>(done->back().affected());
}

result_of<clock_setting> cluster::clock(double scale, instant real_now) {
  if (!std::isfinite(scale) || scale <= 0) return tl::unexpected{errc::invalid_argument};
  auto done = transact({{&set_clock, {encode(scale), encode(real_now)}}, {&get_clock, {}}});
  if (!done) return tl::unexpected{done.error()};
  const auto& row = done->back();
  if (row.size() == 0) return tl::unexpected{errc::internal};  // ensure_shards makes the row
  return clock_setting{row.get<instant>(0, 0), row.get<instant>(0, 1), row.get<double>(0, 2)};
}

std::optional<std::string> cluster::problem() {
  // A connection that was idle may be dead, which says nothing about the database: a fresh one tells. Half of the time
  // is kept for it, since on a dead one the answer may just not come.
  auto now = std::chrono::steady_clock::now();
  for (auto until : {now + limits::store_patience / 2, now + limits::store_patience}) {
    auto conn = session_.ready(until);
    if (!conn) continue;  // reported
    auto wrong = schema_problem(**conn, until);
    if (!wrong) return std::nullopt;
    session_.report("not ready: " + *wrong);
    if (auto version = version_of(**conn, until)) return version_problem(*version);
    session_.close();
  }
  return "the database does not answer";
}

}  // namespace dabba::postgres
