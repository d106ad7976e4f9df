-- The newest instant that the sender itself gave with an emission, and the full id that it was for.
alter table alert_sightings
  add column sent_id    text,
  add column sent_at    timestamptz,
  add column started_at timestamptz;

-- Resolutions by full id, kept for a day: an emission that one of them overtook must not open an episode.
create table alert_resolutions (
  alert_key   text not null,
  alert_id    text not null,
  received_at timestamptz not null default clock_timestamp(),
  -- By the sender's clock, where it gave a time.
  sent_at     timestamptz,
  -- Whether it ended something. False for the resolution of an id that was not active.
  was_active  boolean not null,
  primary key (alert_key, alert_id)
);
create index alert_resolutions_by_time on alert_resolutions using brin (received_at);

-- When the resolution of an id that was not active was last audited for this key.
create table unknown_resolutions (
  alert_key  text primary key,
  audited_at timestamptz not null
);
