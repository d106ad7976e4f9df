-- What the reconciler needs: the tags last seen on each ticket, what it found, and how its last run went.

-- As the help desk said last; null before the first look, or where its answer carried none.
alter table filings add column ticket_tags jsonb;
create index filings_by_subject on filings (subject_key) where ticket_id is not null;

-- Effects that somebody waits for, and actors that wait for one: few, however many there were.
create index effects_open on effects (actor_id, child_id) where status in ('pending', 'running');
create index actors_in_effect on actors (id) where snapshot->'children' <> '{}'::jsonb;

-- What does not fit together and could not be put right in the transaction that found it. Each is told once.
create table reconcile_findings (
  kind        text not null,
  -- What it is about: an actor, a filing, a ticket.
  subject     text not null,
  details     jsonb not null,
  found_at    timestamptz not null default now(),
  looked_at   timestamptz not null default now(),
  -- Null while it stands.
  settled_at  timestamptz,
  primary key (kind, subject)
);
create index reconcile_findings_standing on reconcile_findings (found_at desc) where settled_at is null;

-- The last run, in one row.
create table reconcile_run (
  only_one    boolean primary key default true check (only_one),
  -- Changes on the help desk up to here have been seen, by the help desk's own clock.
  seen_until  timestamptz,
  ran_at      timestamptz,
  took_ms     integer,
  -- How far the look at the help desk came: looked, cut_short, failing, failed or not_configured.
  desk        text,
  did         jsonb not null default '{}'
);
insert into reconcile_run default values;
