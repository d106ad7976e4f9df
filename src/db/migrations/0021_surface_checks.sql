-- When a maintenance window of a surface begins or ends next; infinity where none will. Due at once where it is not known yet.
alter table surfaces add column window_at timestamptz not null default now();
create index surfaces_by_window on surfaces (window_at) where removed_at is null;

-- When the certificate that the last check met expires; null where no check met one.
alter table surfaces add column certificate_expires_at timestamptz;

-- The surfaces files that were ever in force, so that a process with an older one does not replace a newer one.
create table surfaces_files (
  digest      text primary key,
  -- Of the file, where it names one.
  revision    bigint,
  modified_at timestamptz,
  -- By the clock of this database.
  in_force_at timestamptz not null default clock_timestamp()
);

-- As before, and a failed check of an unstable surface counts as down: its status is DEGRADED although half of its checks fail.
create or replace function checks_count() returns trigger language plpgsql as $$
begin
  insert into surface_days as d (surface_id, day, operational, degraded, down, maintenance)
  select surface_id, day, count(*) filter (where stood = 'OPERATIONAL'), count(*) filter (where stood = 'DEGRADED'),
    count(*) filter (where stood = 'DOWN'), count(*) filter (where stood = 'MAINTENANCE')
  from (
    select made.surface_id, (made.at at time zone 'UTC')::date as day,
      case
        when jsonb_typeof(a.context->'maintenance') = 'object' then 'MAINTENANCE'
        when a.state->'health'->>'outage' = 'unstable' and made.outcome = 'down' then 'DOWN'
        when a.context->>'status' in ('OPERATIONAL', 'DEGRADED', 'DOWN') then a.context->>'status'
        when made.outcome = 'up' then 'OPERATIONAL'
        when made.outcome = 'slow' then 'DEGRADED'
        else 'DOWN'
      end as stood
    from made left join lateral (
      select state, snapshot->'context' as context from actors where id = 'surface:' || made.surface_id offset 0
    ) a on true
  ) counted
  group by surface_id, day
  order by surface_id, day
  on conflict (surface_id, day) do update set
    operational = d.operational + excluded.operational, degraded = d.degraded + excluded.degraded,
    down = d.down + excluded.down, maintenance = d.maintenance + excluded.maintenance;
  return null;
end $$;
