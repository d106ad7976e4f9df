-- Durable actors: one row each, with their mailbox memory (history), timers and effects.

create table actors (
  id          text primary key,
  kind        text not null,
  version     integer not null,
  rev         bigint not null,
  state       jsonb not null,
  snapshot    jsonb not null,
  -- Why the snapshot could not be restored; a parked actor takes no event until a release can restore it.
  parked      text,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
) with (fillfactor = 70);
create index actors_by_kind on actors (kind, updated_at desc);

create table actor_history (
  id          bigint generated always as identity primary key,
  actor_id    text not null,
  rev         bigint not null,
  event_id    text,
  event       jsonb not null,
  from_state  jsonb,
  to_state    jsonb not null,
  at          timestamptz not null
);
-- A redelivered event is a no-op because its id already stands here.
create unique index actor_history_event_once on actor_history (actor_id, event_id) where event_id is not null;
create index actor_history_by_actor on actor_history (actor_id, id desc);
create index actor_history_by_time on actor_history using brin (at);

create table timers (
  actor_id    text not null,
  timer_id    text not null,
  event       jsonb not null,
  due_at      timestamptz not null,
  -- The revision that armed it; a firing that carries another revision is late and ignored.
  rev         bigint not null,
  primary key (actor_id, timer_id)
);

create table effects (
  id          text primary key,
  actor_id    text not null,
  child_id    text not null,
  src         text not null,
  input       jsonb not null,
  status      text not null default 'pending'
              check (status in ('pending', 'running', 'done', 'failed', 'cancelled', 'dead')),
  attempts    integer not null default 0,
  -- Put back to work by a person after it was given up; its actor has moved on and hears nothing of it.
  replayed    boolean not null default false,
  result      jsonb,
  error       jsonb,
  created_at  timestamptz not null default now(),
  started_at  timestamptz,
  next_at     timestamptz,
  finished_at timestamptz
);
create index effects_by_actor on effects (actor_id, created_at desc);
create index effects_dead on effects (finished_at desc) where status = 'dead';

-- Events for actors that cannot take them now: parked ones, kept until they can.
create table held_events (
  id          bigint generated always as identity primary key,
  actor_id    text not null,
  event       jsonb not null,
  event_id    text,
  reason      text not null,
  at          timestamptz not null default now()
);
create index held_events_by_actor on held_events (actor_id, id);
