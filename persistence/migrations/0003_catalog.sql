-- Restaurants and their menus.
create schema catalog;

-- A restaurant's state, menu included, as of its last event.
create table catalog.restaurant_head (
  restaurant_id  uuid primary key,
  shard          smallint not null,
  version        bigint not null,
  owner_id       uuid not null,
  license_number text not null,
  verification   text not null,
  status         text not null,
  open           boolean not null,
  deadline       timestamptz,
  state          json compression lz4 not null
);

create unique index restaurant_head_license on catalog.restaurant_head (license_number);
create index restaurant_head_open on catalog.restaurant_head (shard) where open;
