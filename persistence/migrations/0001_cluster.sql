-- Who owns what: nodes, shards, and the clock all of them show.
create schema cluster;

-- One row. The clock's anchors: at clock_real_anchor by the wall, platform time was clock_platform_anchor.
create table cluster.cluster (
  only_row              boolean primary key default true check (only_row),
  view_version          bigint not null default 0,
  shard_count           smallint not null,
  clock_real_anchor     timestamptz,
  clock_platform_anchor timestamptz,
  clock_scale           double precision
);

-- A row per start of a node, so that a node that comes back is never taken for the one that died.
-- lease_until is real time, by the database's clock.
create table cluster.node (
  node_id          uuid primary key,
  host             text,
  cluster_port     integer,
  http_url         text not null,
  protocol_version integer not null default 1,
  state            text not null check (state in ('joining', 'up', 'draining', 'dead')),
  lease_until      timestamptz not null,
  backend_pids     integer[] not null default '{}',
  started_at       timestamptz not null default clock_timestamp()
);

-- Every batch of the journal updates its shards' rows, so a page needs room for many dead versions between two
-- prunings. None of the updated columns is indexed: all updates stay on their page.
create table cluster.shard (
  id       smallint primary key,
  owner    uuid,
  epoch    bigint not null default 0,
  position bigint not null default 0,
  state    text not null default 'owned' check (state in ('owned', 'handoff')),
  target   uuid
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
