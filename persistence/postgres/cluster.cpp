#include "persistence/postgres/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "persistence/postgres/cluster_changes.hpp"
#include "persistence/postgres/cluster_view.hpp"
#include "persistence/postgres/connection_names.hpp"
#include "persistence/postgres/migrate.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

using namespace std::chrono_literals;

// PostgreSQL may be starting when a node does.
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

// A dead node's lease ended at most its length after its death.
constexpr statement delete_dead_nodes{"delete_dead_nodes", R"(
delete from cluster.node n
where n.state = 'dead' and n.lease_until < clock_timestamp() - interval '1 day'
  and not exists (select from cluster.shard s where s.owner = n.node_id))"};
constexpr statement insert_node{"insert_node", R"(
with joined as (
  insert into cluster.node (node_id, host, cluster_port, http_url, protocol_version, state, lease_until)
  values ($1, $2, $3, $4, $5, 'joining', clock_timestamp() + make_interval(secs => $6)) on conflict do nothing
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from joined))"};

// The lock comes first: the row never speaks of one that was not taken.
constexpr statement take_node_lock{"take_node_lock", R"(
with taken as materialized (
  select pg_try_advisory_lock(lock_key) as is_ours from cluster.node where node_id = $1)
update cluster.node set lock_era = cluster.lock_era() from taken where node_id = $1 and is_ours)"};

constexpr statement begin_snapshot{"begin_snapshot", "begin isolation level repeatable read"};
constexpr statement renew_lease{"renew_lease", R"(
update cluster.node set lease_until = clock_timestamp() + make_interval(secs => $2), unreachable = $3
where node_id = $1 and state <> 'dead')"};

// Waits for a transaction that still holds the row, so that afterwards its outcome is certain.
constexpr statement retake_shard{"retake_shard", R"(
with retaken as (
  update cluster.shard s set epoch = s.epoch + 1
  where s.id = $2 and s.owner = $1 and s.state = 'owned'
    and exists (select from cluster.node me where me.node_id = $1 and me.state <> 'dead')
  returning s.id, s.epoch),
raised as (update cluster.cluster set view_version = view_version + 1 where exists (select from retaken))
select id, epoch from retaken)"};

// The old anchors are carried to the present, so that platform time goes on from where it is, at the new speed.
constexpr statement set_clock{"set_clock", R"(
with present as materialized (select clock_timestamp() as real)
update cluster.cluster set
  clock_platform_anchor = coalesce(clock_platform_anchor + (real - clock_real_anchor) * clock_scale, real),
  clock_real_anchor = real,
  clock_scale = coalesce($1, 1)
from present
where clock_scale is distinct from coalesce($1, clock_scale, 1))"};
constexpr statement get_clock{"get_clock", R"(
select clock_real_anchor, clock_platform_anchor, clock_scale, clock_timestamp() from cluster.cluster)"};

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

constexpr int clock_readings = 8;

parameter encode_shard(shard_id shard) { return encode(static_cast<std::int16_t>(shard.value)); }

/// For make_interval.
parameter encode_seconds(std::chrono::duration<double> time) { return encode(time.count()); }

parameter encode_nodes(const std::set<node_id>& nodes) {
  array_of<uuid> ids;
  for (auto node : nodes) ids.push(node.value);
  return ids.take();
}

bool has_waited_for_lock(const db_error& e) { return e.what == db_error::kind::refused && e.sqlstate == "55P03"; }

deadline from_now(duration time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

cluster::cluster(connect_options options, session::reporter report)
    : options_(options), session_(std::move(options), std::move(report)) {}

answers cluster::attempt(connection& conn, const std::vector<call>& calls, deadline until) {
  auto a = conn.run(calls, until);
  if (a.error) {
    // The results end before the call that failed; all are there when only their transaction's end did.
    const auto& failed = calls[std::min(a.results.size(), calls.size() - 1)];
    session_.report("PostgreSQL did not do " + std::string{failed.what->name} + ": " + a.error->message);
    conn.roll_back(until);
  }
  return a;
}

result_of<std::vector<rows>> cluster::transact(const std::vector<call>& calls, duration patience) {
  auto until = from_now(patience);
  do {
    auto conn = session_.ready(until);
    if (!conn) break;
    auto a = attempt(**conn, calls, until);
    if (!a.error) return std::move(a.results);
    if (a.error->is_about_data()) return tl::unexpected{errc::invalid_argument};
    if (!a.error->is_transient()) return tl::unexpected{errc::internal};
  } while (session::pause(until));
  return tl::unexpected{errc::unavailable};
}

// -- What a cluster is made of ---------------------------------------------------------------------------------------

result_of<void> cluster::ensure_shards(std::uint16_t shard_count) {
  if (shard_count == 0 || shard_count > limits::shards) return tl::unexpected{errc::invalid_argument};
  auto count = encode(static_cast<std::int16_t>(shard_count));
  auto done =
      transact({{&insert_cluster, {count}}, {&insert_shards, {count}}, {&select_shard_count, {}}}, start_patience);
  if (!done) return tl::unexpected{done.error()};
  if (done->back().get<std::int16_t>(0, 0) != static_cast<std::int16_t>(shard_count))
    return tl::unexpected{errc::invalid_argument};
  return {};
}

result_of<std::optional<std::uint16_t>> cluster::shard_count() {
  auto done = transact({{&select_shard_count, {}}}, limits::store_patience);
  if (!done) return tl::unexpected{done.error()};
  if (done->back().size() == 0) return std::nullopt;
  return static_cast<std::uint16_t>(done->back().get<std::int16_t>(0, 0));
}

result_of<clock_setting> cluster::clock(std::optional<double> scale) {
  if (scale && (!std::isfinite(*scale) || *scale <= 0)) return tl::unexpected{errc::invalid_argument};
  auto wanted = scale ? encode(*scale) : parameter{wire<double>::oid, true, {}};
  auto until = from_now(limits::store_patience);
  // Under the lock the present is later than any anchor.
  auto done = transact({{&lock_cluster, {}}, {&set_clock, {wanted}}, {&get_clock, {}}}, limits::store_patience);
  if (!done) return tl::unexpected{done.error()};
  if (done->back().size() == 0) return tl::unexpected{errc::internal};  // ensure_shards makes the row
  return read_clock(until);
}

/// The database read its clock somewhere between question and answer: in the middle of the shortest of some such times
/// it can't have been far from there (F. Cristian, "Probabilistic clock synchronization", 1989).
result_of<clock_setting> cluster::read_clock(deadline until) {
  using steady = std::chrono::steady_clock;
  std::optional<clock_setting> best;
  auto shortest = steady::duration::max();
  for (int i = 0; i < clock_readings; ++i) {
    auto asked_at = steady::now();
    auto done = transact({{&get_clock, {}}}, std::chrono::duration_cast<duration>(until - asked_at));
    if (!done && best) break;  // a database that takes its time is not asked again and again
    if (!done) return tl::unexpected{done.error()};
    auto took = steady::now() - asked_at;
    if (took >= shortest) continue;
    shortest = took;
    const auto& row = done->back();
    best = {row.get<instant>(0, 0), row.get<instant>(0, 1), row.get<double>(0, 2),
            row.get<instant>(0, 3), asked_at + took / 2,    took / 2};
  }
  return *best;
}

// -- Membership ------------------------------------------------------------------------------------------------------

result_of<void> cluster::join(const node_profile& self) {
  call insert{&insert_node,
              {encode(self.id.value), encode(self.host), encode(static_cast<std::int32_t>(self.cluster_port)),
               encode(self.http_url), encode(static_cast<std::int32_t>(self.protocol_version)),
               encode_seconds(cluster_terms::lease)}};
  auto done = transact({{&lock_cluster, {}}, {&delete_dead_nodes, {}}, std::move(insert)}, limits::store_patience);
  if (!done) return tl::unexpected{done.error()};
  return {};
}

result_of<bool> cluster::take_lock(node_id self) {
  if (holds_lock()) return true;
  auto until = from_now(limits::store_patience);
  auto options = options_;
  options.application_name = lock_connection_name(self);
  options.settings += " -c idle_session_timeout=0";  // whatever the role's is: this connection is there to be idle
  auto opened = connection::open(options, until);
  if (!opened) {
    // The first of a row of failures; the attempts go on several times a second.
    if (!std::exchange(is_lock_missed_, true))
      session_.report("no connection for the node's lock: " + opened.error().message);
    return tl::unexpected{errc::unavailable};
  }
  is_lock_missed_ = false;
  auto a = attempt(*opened, {{&take_node_lock, {encode(self.value)}}}, until);
  if (a.error) return tl::unexpected{errc::unavailable};
  if (a.results.back().affected() == 0) return false;
  lock_ = std::move(*opened);
  return true;
}

bool cluster::holds_lock() { return lock_ && lock_->is_open(); }

result_of<std::optional<cluster_view>> cluster::renew(node_id self, const std::set<node_id>& unreachable,
                                                      std::uint64_t known_version) {
  auto calls = view_calls(known_version);
  calls.insert(calls.begin(),
               {{&begin_snapshot, {}},
                {&renew_lease, {encode(self.value), encode_seconds(cluster_terms::lease), encode_nodes(unreachable)}}});
  calls.push_back({&commit_statement, {}});
  auto done = transact(calls, limits::store_patience);
  if (!done) return tl::unexpected{done.error()};
  if ((*done)[1].affected() == 0) return std::nullopt;
  auto view = to_view(std::span{*done}.subspan(2));
  if (!view) return tl::unexpected{errc::internal};  // ensure_shards makes the row
  return view;
}

result_of<cluster_view> cluster::view() {
  auto calls = view_calls(no_version);
  calls.insert(calls.begin(), {&begin_snapshot, {}});
  calls.push_back({&commit_statement, {}});
  auto done = transact(calls, limits::store_patience);
  if (!done) return tl::unexpected{done.error()};
  auto view = to_view(std::span{*done}.subspan(1));
  if (!view) return tl::unexpected{errc::internal};
  return std::move(*view);
}

result_of<bool> cluster::change(node_id caller, const cluster_change& what) {
  auto plan = plan_change(caller, what);
  auto until = from_now(limits::store_patience + limits::lock_patience);
  bool may_be_done = false;
  do {
    auto conn = session_.ready(until);
    if (!conn) break;
    auto a = attempt(**conn, plan.calls, until);
    if (!a.error) return may_be_done || a.results.back().affected() > 0;
    if (a.error->is_about_data()) return tl::unexpected{errc::invalid_argument};
    if (!a.error->is_transient()) return tl::unexpected{errc::internal};
    if (a.error->what == db_error::kind::lost) may_be_done = true;
    if (!has_waited_for_lock(*a.error)) continue;
    if (!plan.end_journals) return may_be_done;
    (void)attempt(**conn, {*std::exchange(plan.end_journals, std::nullopt)}, until);
  } while (session::pause(until));
  return tl::unexpected{errc::unavailable};
}

result_of<std::optional<owned_shard>> cluster::retake(node_id node, shard_id shard) {
  auto done = transact({{&retake_shard, {encode(node.value), encode_shard(shard)}}}, limits::store_patience);
  if (!done) return tl::unexpected{done.error()};
  const auto& taken = done->back();
  if (taken.size() == 0) return std::nullopt;
  return owned_shard{shard, static_cast<std::uint64_t>(taken.get<std::int64_t>(0, 1))};
}

// -- The rest --------------------------------------------------------------------------------------------------------

result_of<std::size_t> cluster::forget_answers(instant before) {
  auto done = transact({{&delete_answers, {encode(before)}}}, limits::store_patience);
  if (!done) return tl::unexpected{done.error()};
  return static_cast<std::size_t>(done->back().affected());
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
