-- Surfaces as the file describes them, their schedule, and the last thing a check saw.
create table surfaces (
  id            text primary key,
  position      integer not null,
  config        jsonb not null,
  removed_at    timestamptz,
  next_check_at timestamptz not null default now(),
  checked_at    timestamptz,
  outcome       text check (outcome in ('up', 'slow', 'down')),
  latency_ms    integer,
  http_status   integer,
  error         text
);
create index surfaces_due on surfaces (next_check_at) where removed_at is null;

create table checks (
  surface_id  text not null,
  at          timestamptz not null,
  outcome     text not null check (outcome in ('up', 'slow', 'down')),
  latency_ms  integer,
  http_status integer,
  error       text
);
create index checks_by_surface on checks (surface_id, at desc);
create index checks_by_time on checks using brin (at);

-- When an alert was last emitted; written at most once a minute for each, so that a repeat stays nearly free.
create table alert_sightings (
  alert_key     text primary key,
  last_seen_at  timestamptz not null
);

-- The intent to file one ticket, and what became of it. `marker` is how a lost answer is found again.
create table filings (
  id            text primary key,
  marker        text not null unique,
  path          text not null check (path in ('investigate', 'alert', 'umbrella')),
  actor_id      text not null,
  -- What this ticket is about: at most one intent may be open for it at a time.
  subject_key   text not null,
  source        text,
  request       jsonb not null,
  phase         text not null default 'planned'
                check (phase in ('planned', 'attempting', 'created', 'tagged', 'withdrawn', 'gone')),
  -- Set when nobody wants the ticket any more: nothing may be posted after that.
  withdrawn_at  timestamptz,
  deadline_at   timestamptz,
  admitted_at   timestamptz,
  attempts      integer not null default 0,
  attempted_at  timestamptz,
  created_at    timestamptz not null default now(),
  ticket_id     bigint,
  ticket_url    text,
  -- Our recorded filing time by the database's clock; the help desk's createdAt for an adopted ticket.
  filed_at      timestamptz,
  adopted       boolean not null default false,
  -- What the help desk said last: active, pending, closed, spam, or gone (trashed, deleted, moved).
  ticket_status text,
  assignee      text,
  checked_at    timestamptz
);
create unique index filings_one_open_intent on filings (subject_key) where phase in ('planned', 'attempting');
create index filings_by_actor on filings (actor_id, created_at desc);
create index filings_open on filings (ticket_id) where ticket_status in ('active', 'pending');
create index filings_admitted on filings (source, admitted_at) where admitted_at is not null;

-- The intent to send one direct message; `thread` groups the messages about one episode.
create table direct_messages (
  id            text primary key,
  thread        text not null,
  kind          text not null,
  source        text,
  body          jsonb not null,
  phase         text not null default 'planned' check (phase in ('planned', 'attempting', 'sent')),
  admitted_at   timestamptz,
  attempts      integer not null default 0,
  attempted_at  timestamptz,
  channel       text,
  ts            text,
  sent_at       timestamptz,
  created_at    timestamptz not null default now()
);
create index direct_messages_by_thread on direct_messages (thread, created_at);
create index direct_messages_admitted on direct_messages (source, admitted_at) where admitted_at is not null;

-- What an Investigate click was answered; the route that waits for it may live in another process.
create table answers (
  click_id    text primary key,
  body        jsonb not null,
  at          timestamptz not null default now()
);

create table flags (
  name        text primary key,
  enabled     boolean not null,
  changed_at  timestamptz not null default now(),
  changed_by  text not null
);

create table customers (
  id                    text primary key,
  email                 text not null,
  name                  text not null,
  freescout_customer_id bigint
);
create index customers_by_email on customers (lower(email));

-- Work that one process at a time does for the whole fleet.
create table leases (
  name        text primary key,
  taken_until timestamptz not null
);
