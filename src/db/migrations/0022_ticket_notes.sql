-- Internal notes on tickets, each written once: an attempt is committed before its request leaves, so that after a crash or
-- a takeover the next run looks the note up by its marker, which is the id.
create table ticket_notes (
  id           text primary key,
  ticket_id    bigint not null,
  phase        text not null default 'planned' check (phase in ('planned', 'attempting', 'written')),
  attempts     integer not null default 0,
  created_at   timestamptz not null default clock_timestamp(),
  attempted_at timestamptz,
  written_at   timestamptz
);
