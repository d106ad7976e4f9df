-- How many requests of each source were refused at the door, for each kind and hour: the page Sources shows one day. Only
-- sources that may send have rows, so that nobody else can make any.
create table refusal_sources (
  source   text not null,
  kind     text not null,
  hour     timestamptz not null,
  times    bigint not null,
  last_at  timestamptz not null,
  primary key (source, kind, hour)
);
