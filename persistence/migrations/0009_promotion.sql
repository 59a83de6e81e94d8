-- Promotions, and who has used them.
create schema promotion;

-- A promotion as of its last version; what else it says is in its definition. `code` is a coupon's, null is a deal's;
-- no `restaurants`: all of them.
create table promotion.promotion (
  promotion_id uuid primary key,
  serial       bigint not null generated always as identity unique,
  version      bigint not null,
  code         text,
  active       boolean not null,
  starts_at    timestamptz not null,
  ends_at      timestamptz not null,
  total_limit  bigint check (total_limit > 0),
  restaurants  uuid[] not null,
  definition   json compression lz4 not null,
  check (starts_at < ends_at)
);

create unique index promotion_code on promotion.promotion (code) where active and code is not null;
create index promotion_deals on promotion.promotion (ends_at, promotion_id) where active and code is null;

-- Every version there was, and who made it.
create table promotion.version (
  promotion_id uuid not null,
  version      bigint not null,
  changed_by   uuid not null,
  changed_at   timestamptz not null,
  definition   json compression lz4 not null,
  primary key (promotion_id, version)
);

-- What is left of a promotion's total limit, shared out over some rows, so that writers of the journal do not wait for
-- each other: all of them are that many more redemptions. Without a limit there are no rows, and nothing to wait for.
create table promotion.allowance (
  promotion_id uuid not null,
  part         smallint not null,
  remaining    bigint not null,
  primary key (promotion_id, part)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A promotion used by an order. `use` counts a customer's uses from 0, where their number is limited: the unique index
-- is the promise that there are no more of them, whatever the actors do.
create table promotion.redemption (
  redemption_id bigint generated always as identity primary key,
  promotion_id  uuid not null,
  order_id      uuid not null,
  customer_id   uuid not null,
  redeemed_at   timestamptz not null,
  released_at   timestamptz,
  use           integer,
  active        boolean not null
);

create unique index redemption_order_active on promotion.redemption (order_id, promotion_id) where active;
create unique index redemption_use_active on promotion.redemption (customer_id, promotion_id, use) where active;
