-- How many requests were refused, for each kind and hour. Anybody can cause them, so no request has a row of its own.
create table refusals (
  kind     text not null,
  hour     timestamptz not null,
  times    bigint not null,
  last_at  timestamptz not null,
  primary key (kind, hour)
);
-- From where, for the networks with the most refusals of each kind: an IPv4 address or the /64 of an IPv6 one.
create table refusal_networks (
  kind      text not null,
  network   text not null,
  times     bigint not null,
  first_at  timestamptz not null,
  last_at   timestamptz not null,
  primary key (kind, network)
);
