-- Requests of alert senders as they arrived. They are stored before they are answered, and turned into alerts afterwards.
create table webhook_requests (
  id           bigint generated always as identity primary key,
  source       text not null,
  sender       text not null,
  received_at  timestamptz not null default clock_timestamp(),
  method       text not null,
  -- What follows the source in the address.
  rest         text not null default '',
  query        text not null default '',
  -- Those that describe the body; never one that may hold a secret.
  headers      jsonb not null default '{}',
  body         bytea not null,
  bytes        integer not null,
  status       text not null default 'waiting' check (status in ('waiting', 'done', 'dead', 'discarded')),
  attempts     integer not null default 0,
  -- A request that failed is tried again at this time.
  not_before   timestamptz not null default clock_timestamp(),
  alerts       integer not null default 0,
  rejected     integer not null default 0,
  -- Alerts that the sender itself left out.
  left_out     integer not null default 0,
  -- Why it is a dead letter.
  reason       text,
  error        jsonb,
  edited       boolean not null default false,
  history      jsonb not null default '[]',
  finished_at  timestamptz
);
create index webhook_requests_waiting on webhook_requests (source, id) include (bytes) where status = 'waiting';
create index webhook_requests_dead on webhook_requests (finished_at) where status = 'dead';
create index webhook_requests_by_source on webhook_requests (source, received_at desc);
create index webhook_requests_finished on webhook_requests (finished_at) where status in ('done', 'discarded');
create index webhook_requests_dead_by_source on webhook_requests (source, id) where status = 'dead';
create index webhook_requests_left_out on webhook_requests (source, received_at) where left_out > 0;

-- The sources that ever sent a request. One process at a time works on a source, so that its requests keep their order.
create table webhook_sources (
  source        text primary key,
  sender        text not null,
  first_at      timestamptz not null default clock_timestamp(),
  leased_until  timestamptz not null default '-infinity',
  lease         text,
  -- The source with work that was served longest ago comes next.
  served_at     timestamptz not null default '-infinity'
);

-- What waits for a person, of either kind.
create view dead_letters as
  select id, finished_at from effects where status = 'dead'
  union all
  select 'webhook:' || id, finished_at from webhook_requests where status = 'dead';
