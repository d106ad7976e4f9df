-- Tickets and messages of sources and surfaces in shadow mode: composed, and never posted. None of them is in `filings` as
-- posted, or in `direct_messages`.
create table shadow_tickets (
  -- The alert key, or the source of a storm, and when the episode or storm began.
  id            text primary key,
  source        text not null,
  surface_id    text,
  alert_key     text,
  severity      text,
  subject       text not null,
  html          text not null,
  composed_at   timestamptz not null default clock_timestamp(),
  -- When it took one of the places of its source in the storm window. Null: it would have joined an umbrella ticket.
  admitted_at   timestamptz
);
create index shadow_tickets_listed on shadow_tickets (composed_at desc);
create index shadow_tickets_admitted on shadow_tickets (source, admitted_at);

create table shadow_messages (
  -- As in `direct_messages`.
  id            text primary key,
  thread        text not null,
  kind          text not null,
  source        text not null,
  surface_id    text,
  message       jsonb not null,
  composed_at   timestamptz not null default clock_timestamp()
);
create index shadow_messages_listed on shadow_messages (composed_at desc);
create index shadow_messages_thread on shadow_messages (thread);
