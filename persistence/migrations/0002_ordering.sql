-- The journal of all entities, and the orders' heads.
create schema ordering;

-- Every event that ever took effect. `at` is platform time. The events of a shard have consecutive positions; those of
-- an entity consecutive seqs; command_index numbers the events of one command. json and not jsonb, here and in the
-- heads: it is read whole by programs and only now and then by people, jsonb costs a quarter of the write rate, and it
-- does not take every text (no \u0000). Columns go from wide to narrow within the fixed ones, so that little is padded.
create table ordering.journal (
  entity_id     uuid not null,
  command_id    uuid not null,
  position      bigint not null,
  seq           bigint not null,
  epoch         bigint not null,
  at            timestamptz not null,
  version       integer not null,
  shard         smallint not null,
  entity_kind   smallint not null,
  command_index smallint not null,
  feed          uuid,
  type          text not null,
  payload       json compression lz4 not null,
  primary key (shard, position),
  constraint journal_seq unique (entity_id, seq),
  constraint journal_command unique (entity_id, command_id, command_index)
);

-- The events of all orders of one restaurant.
create index journal_feed on ordering.journal (shard, feed, position) where feed is not null;

-- An order's state as of its last event. Nearly every update leaves the indexed columns as they are (which is why
-- `outcome`, and not the status, is indexed): with room left on the page it is a heap-only update, 85 % of them as
-- measured. A state of up to 4 KB stays in the row uncompressed: rewriting it elsewhere costs a third of the write rate.
create table ordering.order_head (
  order_id        uuid primary key,
  shard           smallint not null,
  version         bigint not null,
  status          text not null,
  delivery_status text not null,
  customer_id     uuid not null,
  restaurant_id   uuid not null,
  partner_id      uuid,
  zone            bigint not null,
  placed_at       timestamptz not null,
  ended_at        timestamptz,
  open            boolean not null,
  deadline        timestamptz,
  outcome         text generated always as (case when open then null else status end) stored,
  state           json compression lz4 not null
) with (fillfactor = 60, toast_tuple_target = 4096, autovacuum_vacuum_scale_factor = 0.05);

create index order_head_open on ordering.order_head (shard) where open;
create index order_head_restaurant on ordering.order_head (restaurant_id, placed_at, order_id);
create index order_head_restaurant_open on ordering.order_head (restaurant_id, placed_at, order_id) where open;
create index order_head_restaurant_outcome on ordering.order_head (restaurant_id, outcome, placed_at, order_id)
  where outcome is not null;
create index order_head_zone_ended on ordering.order_head (zone, ended_at) where ended_at is not null;
