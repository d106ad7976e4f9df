-- What the file says about sources of alerts, and how often a source was seen to repeat an active alert.
create table alert_sources (
  id     text primary key,
  config jsonb not null
);
create table alert_source_repeats (
  source         text primary key,
  repeat_seconds double precision not null,
  learned_at     timestamptz not null
);

-- Between the last two emissions within one episode, and how many times in a row it was about that long.
alter table alert_sightings
  add column gap_seconds double precision,
  add column repeats     integer not null default 0;
