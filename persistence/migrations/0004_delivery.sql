-- Delivery partners, and who carries what.
create schema delivery;

-- A partner's state as of its last event; stored as an order's is.
create table delivery.partner_head (
  partner_id uuid primary key,
  shard      smallint not null,
  version    bigint not null,
  shift      text not null,
  open       boolean not null,
  deadline   timestamptz,
  state      json compression lz4 not null
) with (fillfactor = 60, toast_tuple_target = 4096, autovacuum_vacuum_scale_factor = 0.05);

create index partner_head_open on delivery.partner_head (shard) where open;

-- The two unique indexes are the promise that at most one partner carries an order, and that no partner carries more
-- than its slots allow, whatever the actors do.
create table delivery.assignment (
  assignment_id bigint generated always as identity primary key,
  order_id      uuid not null,
  partner_id    uuid not null,
  slot          smallint not null,
  active        boolean not null,
  begun_at      timestamptz not null,
  ended_at      timestamptz
);

create unique index assignment_order_active on delivery.assignment (order_id) where active;
create unique index assignment_slot_active on delivery.assignment (partner_id, slot) where active;
