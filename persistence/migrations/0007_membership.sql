-- Several nodes that watch each other. The nodes of before, of which one took every shard alone, can't take part: they
-- count as dead, and the journal is closed to them as soon as their shards are taken over.
update cluster.node
set state = 'dead', host = coalesce(host, ''), cluster_port = coalesce(cluster_port, 0);
update cluster.cluster set view_version = view_version + 1;

-- lock_key: of the advisory lock that a node's process holds on a connection of its own; an id's last 8 bytes are random.
-- lock_era: the era in which the lock was taken last. unreachable: the peers it can't exchange messages with.
alter table cluster.node
  drop column backend_pids,
  alter column host set not null,
  alter column cluster_port set not null,
  add column lock_key bigint not null
    generated always as (('x' || right(replace(node_id::text, '-', ''), 16))::bit(64)::bigint) stored,
  add column lock_era timestamptz,
  add column unreachable uuid[] not null default '{}';

-- Locks are worth something only within the era they were taken in. One ends when the server stops, and also when one of
-- its processes is killed: then it drops all connections and recovers without a new start, which resets its statistics.
-- Who resets these by hand ends an era, too: until the nodes take their locks again, a death is seen by its lease only.
create function cluster.lock_era() returns timestamptz language sql stable
return greatest(pg_postmaster_start_time(), (select stats_reset from pg_stat_bgwriter));

-- The advisory locks that somebody holds, of those with keys of 64 bits, which the server shows in halves.
create view cluster.held_lock as
select (classid::bigint << 32) | objid::bigint as lock_key
from pg_locks
where locktype = 'advisory' and objsubid = 1 and granted
  and database = (select oid from pg_database where datname = current_database());
