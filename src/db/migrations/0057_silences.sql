-- What operators silenced, and until when. A silence matches while its end lies ahead.
create table silences (
  id          bigint generated always as identity primary key,
  -- Patterns for source, surface_id, alert_key, and labels by their names.
  matchers    jsonb not null,
  reason      text not null,
  created_at  timestamptz not null default clock_timestamp(),
  created_by  text not null,
  until       timestamptz not null,
  -- Earlier than `until` where a person ended it.
  ends_at     timestamptz not null,
  ended_by    text,
  -- When alerts that were active already were silenced.
  applied_at  timestamptz
);
create index silences_by_end on silences (ends_at desc, id desc);
create index silences_unapplied on silences (id) where applied_at is null;

-- Active alerts that are silenced, few among all.
create index actors_silenced on actors (id) where kind = 'alert'
  and coalesce(snapshot->'context'->'active', 'false'::jsonb) = 'true' and snapshot->'context'->>'held' = 'silenced';
