-- How often somebody failed to get in, by token or by signing in, in the running minute of all processes. A network is
-- an IPv4 address or the /64 of an IPv6 one.
create table failed_attempts (
  network   text primary key,
  began_at  timestamptz not null default clock_timestamp(),
  failures  integer not null
);
create index failed_attempts_by_age on failed_attempts (began_at);
