-- What is promised to callers and to the readers of the journal.
create schema messaging;

-- The first answer to each request that carried an Idempotency-Key.
create table messaging.idempotency (
  caller       uuid not null,
  key          text not null,
  request_hash text not null,
  body         text not null,
  at           timestamptz not null,
  primary key (caller, key)
);

-- How far a consumer of the journal has come in a shard.
create table messaging.consumer_position (
  consumer text not null,
  shard    smallint not null,
  position bigint not null,
  primary key (consumer, shard)
) with (fillfactor = 50);
