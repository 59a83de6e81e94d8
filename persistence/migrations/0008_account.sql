-- Accounts: who may sign in, their addresses and sessions. Times of sessions and attempts are real time, by the
-- database's clock; those of accounts are platform time.
create schema account;

-- A deleted account keeps its row, without anything of the person: its id stays in the orders.
create table account.account (
  account_id    uuid primary key,
  version       bigint not null default 1,
  role          text not null,
  status        text not null default 'ACTIVE' check (status in ('ACTIVE', 'DEACTIVATED')),
  approval      text not null check (approval in ('APPROVED', 'PENDING', 'REJECTED')),
  email         text,
  password_hash text,
  name          text not null,
  phone         text not null,
  language      text not null,
  status_reason text not null default '',
  created_at    timestamptz not null,
  deleted_at    timestamptz,
  answered_to   uuid, -- under whose name the answer to the request that made it is kept, if it is
  check ((deleted_at is null) = (email is not null) and (email is null) = (password_hash is null))
);

create unique index account_email on account.account (email);
create index account_created on account.account (created_at, account_id) where deleted_at is null;
create index account_admin on account.account (account_id)
  where role = 'ADMIN' and status = 'ACTIVE' and deleted_at is null;
create index account_role on account.account (role, created_at, account_id) where deleted_at is null;

create table account.address (
  address_id   uuid primary key,
  account_id   uuid not null references account.account,
  label        text not null,
  line         text not null,
  latitude     double precision not null,
  longitude    double precision not null,
  instructions text not null
);

create index address_account on account.address (account_id, address_id);

-- A signed-in device. Of its refresh token and the one before only hashes are kept, and `seed`, from which the
-- present one was made out of the one before.
create table account.session (
  session_id    uuid primary key,
  account_id    uuid not null references account.account,
  token_hash    text not null,
  previous_hash text,
  seed          text,
  created_at    timestamptz not null default now(),
  rotated_at    timestamptz not null default now(),
  expires_at    timestamptz not null
);

create index session_account on account.session (account_id, rotated_at);
create index session_expiry on account.session (expires_at);

-- How often signing in failed, of an account, from a network, or of the one from the other: when all of it will have
-- been paid for. Subjects are keyed hashes, so that the table names nobody.
create table account.attempt (
  subject text primary key,
  free_at timestamptz not null
);

create index attempt_free on account.attempt (free_at);

-- What all nodes know and nobody else: 244 random bits. Cursors are signed and subjects are hashed with it.
create table account.secret (
  only_row boolean primary key default true check (only_row),
  value    text not null
);
insert into account.secret (value)
values (encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex'));

-- A customer's orders, newest first. Neither column ever changes, so updates stay heap-only.
create index order_head_customer on ordering.order_head (customer_id, placed_at, order_id);
create index restaurant_head_owner on catalog.restaurant_head (owner_id);
-- What the customer wrote is gone from the journal, too.
alter table ordering.order_head add column customer_forgotten boolean not null default false;
