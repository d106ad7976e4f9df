-- Alerts that deserved a ticket and got none for the time being, one row an episode, and how that ended.
create table held_alerts (
  alert_key   text not null,
  episode     integer not null,
  source      text not null,
  severity    text not null,
  title       text not null,
  surface_id  text,
  -- When the episode began.
  since       timestamptz not null,
  -- Why: the flag, ourselves being offline, maintenance, or an outage that explains it.
  reason      text not null,
  held_at     timestamptz not null,
  -- Null while it is held. Released: it may file now; ended: it was over before it could.
  over        text check (over in ('released', 'ended')),
  over_at     timestamptz,
  primary key (alert_key, episode)
);
create index held_alerts_listed on held_alerts (held_at desc) where over is distinct from 'released';

-- What is held by the flag at the time of this release.
insert into held_alerts (alert_key, episode, source, severity, title, surface_id, since, reason, held_at)
select context->>'alertKey', (context->>'episode')::int, context->>'source', context->>'severity', context->>'title',
  context->>'surfaceId', coalesce(nullif(context->>'since', '')::timestamptz, updated_at), 'flag_off', updated_at
from (select snapshot->'context' as context, updated_at from actors
      where kind = 'alert' and parked is null and state->>'ticket' = 'flagOff') held;

-- Surfaces that others may have to wait for: those that fail, and those under maintenance.
create index actors_troubled on actors (id) where kind = 'surface' and parked is null
  and (state->'health' ? 'outage' or state->>'health' = 'suspect' or state->>'maintenance' = 'on');

-- Addresses that tell whether we are offline ourselves, as the surfaces file has them.
create table self_checks (
  position integer primary key,
  config   jsonb not null
);
