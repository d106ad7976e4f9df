-- Which ids senders give their alerts: to notice a sender that gives the same alert a new one each time.
create table alert_identities (
  alert_key     text primary key,
  alert_id      text not null,
  -- Digest of source, title and surface: alerts that a person would take for the same.
  alike         text not null,
  -- Digest of everything else that a person could tell them apart by.
  text          text not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  -- Sent again later, or resolved: its sender knows it by this id.
  repeated      boolean not null default false
);
create index alert_identities_once on alert_identities (alike, first_seen_at) where not repeated;
create index alert_identities_by_time on alert_identities using brin (first_seen_at);

-- Alerts that get a new id each time, and the one alert that stands for all of those.
create table unstable_alerts (
  alike         text primary key,
  alert_key     text not null,
  alert_id      text not null,
  -- Between two emissions, as far as was seen.
  cycle_seconds double precision not null,
  -- The ids that gave it away.
  alert_ids     jsonb not null,
  since         timestamptz not null default clock_timestamp()
);
create index unstable_alerts_by_key on unstable_alerts (alert_key);
