#include "persistence/postgres/cluster_changes.hpp"

#include "persistence/postgres/connection_names.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

// In all of these $1 is the caller, who is not dead. A change raises the version when it changed something.

constexpr statement make_up{"make_up", R"(
with changed as (
  update cluster.node n set state = 'up' from cluster.cluster c
  where n.node_id = $1 and n.state = 'joining' and c.view_version = $2
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

constexpr statement make_draining{"make_draining", R"(
with changed as (
  update cluster.node n set state = 'draining'
  where n.node_id = $2 and n.state in ('joining', 'up')
    and exists (select from cluster.node me where me.node_id = $1 and me.state <> 'dead')
    and ($3 or n.state = 'joining'
         or exists (select from cluster.node heir where heir.node_id <> $2 and heir.state = 'up'))
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

constexpr statement make_gone{"make_gone", R"(
with changed as (
  update cluster.node n set state = 'dead', lease_until = clock_timestamp()
  where n.node_id = $1 and n.state <> 'dead'
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

// Who gets a node's advisory lock knows that nobody holds it; it is given back with the transaction.
constexpr statement make_dead{"make_dead", R"(
with changed as (
  update cluster.node n set state = 'dead' from cluster.cluster c
  where n.node_id = $2 and n.node_id <> $1 and n.state <> 'dead' and c.view_version = $3
    and exists (select from cluster.node me where me.node_id = $1 and me.state <> 'dead')
    and case $4
          when 'lock lost' then n.lock_era = cluster.lock_era() and pg_try_advisory_xact_lock(n.lock_key)
          when 'lease over' then n.lease_until < clock_timestamp()
          else true
        end
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};
static_assert(name(death::lock_lost) == "lock lost" && name(death::lease_over) == "lease over");

// The claims: $2 the shards, $3 their epochs.

constexpr statement lock_claimed{"lock_claimed", R"(
select s.id
from cluster.shard s join unnest($1::smallint[], $2::bigint[]) as w(id, epoch) on s.id = w.id and s.epoch = w.epoch
order by s.id for no key update of s)"};

// An owner without a row is as dead as one can be.
constexpr statement take_orphans{"take_orphans", R"(
with changed as (
  update cluster.shard s set owner = $1, epoch = s.epoch + 1, state = 'owned', target = null
  from unnest($2::smallint[], $3::bigint[]) as w(id, epoch)
  where s.id = w.id and s.epoch = w.epoch
    and exists (select from cluster.node me where me.node_id = $1 and me.state = 'up')
    and not exists (select from cluster.node n where n.node_id = s.owner and n.state <> 'dead')
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

constexpr statement ask_owners{"ask_owners", R"(
with changed as (
  update cluster.shard s set state = 'handoff', target = $1
  from unnest($2::smallint[], $3::bigint[]) as w(id, epoch)
  where s.id = w.id and s.epoch = w.epoch and s.state = 'owned' and s.owner <> $1
    and exists (select from cluster.node me where me.node_id = $1 and me.state = 'up')
    and exists (select from cluster.node n where n.node_id = s.owner and n.state in ('up', 'draining'))
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

constexpr statement give_to_targets{"give_to_targets", R"(
with changed as (
  update cluster.shard s set owner = s.target, epoch = s.epoch + 1, state = 'owned', target = null
  from unnest($2::smallint[], $3::bigint[]) as w(id, epoch)
  where s.id = w.id and s.epoch = w.epoch and s.state = 'handoff' and s.owner = $1
    and exists (select from cluster.node me where me.node_id = $1 and me.state <> 'dead')
    and exists (select from cluster.node n where n.node_id = s.target and n.state = 'up')
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

constexpr statement take_asked{"take_asked", R"(
with changed as (
  update cluster.shard s set owner = $1, epoch = s.epoch + 1, state = 'owned', target = null
  from unnest($2::smallint[], $3::bigint[]) as w(id, epoch)
  where s.id = w.id and s.epoch = w.epoch and s.state = 'handoff' and s.target = $1
    and exists (select from cluster.node me where me.node_id = $1 and me.state = 'up')
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

constexpr statement keep_unwanted{"keep_unwanted", R"(
with changed as (
  update cluster.shard s set epoch = s.epoch + 1, state = 'owned', target = null
  from unnest($2::smallint[], $3::bigint[]) as w(id, epoch)
  where s.id = w.id and s.epoch = w.epoch and s.state = 'handoff' and s.owner = $1
    and exists (select from cluster.node me where me.node_id = $1 and me.state <> 'dead')
    and not exists (select from cluster.node n where n.node_id = s.target and n.state = 'up')
  returning 1)
update cluster.cluster set view_version = view_version + 1 where exists (select from changed))"};

// Ends only connections of owners from whom the caller may take the claimed shards.
constexpr statement end_stuck_journals{"end_stuck_journals", R"(
select count(pg_terminate_backend(a.pid))
from (select distinct s.owner
      from cluster.shard s join unnest($2::smallint[], $3::bigint[]) as w(id, epoch)
        on s.id = w.id and s.epoch = w.epoch
      where s.owner <> $1
        and (s.target = $1
             or not exists (select from cluster.node n where n.node_id = s.owner and n.state <> 'dead'))) o
join pg_stat_activity a on a.application_name = $4 || o.owner::text
where a.datname = current_database() and a.xact_start < clock_timestamp() - make_interval(secs => $5))"};

struct claim_columns {
  parameter ids;
  parameter epochs;

  explicit claim_columns(const std::vector<shard_claim>& claims) {
    array_of<std::int16_t> id;
    array_of<std::int64_t> epoch;
    for (const auto& claim : claims) {
      id.push(static_cast<std::int16_t>(claim.id.value));
      epoch.push(static_cast<std::int64_t>(claim.epoch));
    }
    ids = id.take();
    epochs = epoch.take();
  }
};

parameter encode_version(std::uint64_t version) { return encode(static_cast<std::int64_t>(version)); }

class planner {
 public:
  explicit planner(node_id caller) : caller_{encode(caller.value)} {}

  change_plan operator()(const come_up& x) const { return of_node({&make_up, {caller_, encode_version(x.version)}}); }
  change_plan operator()(const start_draining& x) const {
    return of_node({&make_draining, {caller_, encode(x.who.value), encode(x.even_the_last)}});
  }
  change_plan operator()(const leave&) const { return of_node({&make_gone, {caller_}}); }
  change_plan operator()(const declare_dead& x) const {
    auto cause = encode(std::string{name(x.cause)});
    return of_node({&make_dead, {caller_, encode(x.who.value), encode_version(x.version), std::move(cause)}});
  }
  change_plan operator()(const take_over& x) const { return by_force(take_orphans, claim_columns{x.shards}); }
  change_plan operator()(const ask_handoff& x) const { return of_shards(ask_owners, claim_columns{x.shards}); }
  change_plan operator()(const hand_over& x) const { return of_shards(give_to_targets, claim_columns{x.shards}); }
  change_plan operator()(const force_handoff& x) const { return by_force(take_asked, claim_columns{x.shards}); }
  change_plan operator()(const keep_shards& x) const { return of_shards(keep_unwanted, claim_columns{x.shards}); }

 private:
  [[nodiscard]] change_plan of_node(call change) const {
    return {{{&lock_cluster, {}}, std::move(change)}, std::nullopt};
  }

  [[nodiscard]] change_plan of_shards(const statement& change, const claim_columns& claims) const {
    return {{{&lock_claimed, {claims.ids, claims.epochs}},
             {&lock_cluster, {}},
             {&change, {caller_, claims.ids, claims.epochs}}},
            std::nullopt};
  }

  [[nodiscard]] change_plan by_force(const statement& change, const claim_columns& claims) const {
    auto plan = of_shards(change, claims);
    plan.end_journals = call{&end_stuck_journals,
                             {caller_, claims.ids, claims.epochs, encode(std::string{journal_connection_prefix}),
                              encode(std::chrono::duration<double>{limits::lock_patience}.count())}};
    return plan;
  }

  parameter caller_;
};

}  // namespace

change_plan plan_change(node_id caller, const cluster_change& change) { return std::visit(planner{caller}, change); }

}  // namespace dabba::postgres
