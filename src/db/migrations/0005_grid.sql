-- What the status grid shows of the past, kept so that reading it is cheap. Triggers keep it, since during a deploy an
-- older release writes checks as well.

-- How a surface stood at its checks of each day (UTC), as the console showed it: a failure that was never confirmed is no outage.
create table surface_days (
  surface_id  text not null,
  day         date not null,
  operational integer not null default 0,
  degraded    integer not null default 0,
  down        integer not null default 0,
  maintenance integer not null default 0,
  primary key (surface_id, day)
) with (fillfactor = 70);
create index surface_days_by_day on surface_days using brin (day);

-- Latencies of the last checks in milliseconds, oldest first; null where a check got no answer.
alter table surfaces add column recent integer[] not null default '{}';

create function surfaces_remember() returns trigger language plpgsql as $$
begin
  -- A surface that came back into the file begins anew.
  if new.checked_at is null then
    new.recent := '{}';
  else
    new.recent := (array_append(new.recent, new.latency_ms))[greatest(1, cardinality(new.recent) - 28):];
  end if;
  return new;
end $$;
create trigger surfaces_remember before update on surfaces
  for each row when (new.checked_at is distinct from old.checked_at) execute function surfaces_remember();

create function checks_count() returns trigger language plpgsql as $$
begin
  insert into surface_days as d (surface_id, day, operational, degraded, down, maintenance)
  select surface_id, day, count(*) filter (where stood = 'OPERATIONAL'), count(*) filter (where stood = 'DEGRADED'),
    count(*) filter (where stood = 'DOWN'), count(*) filter (where stood = 'MAINTENANCE')
  from (
    select made.surface_id, (made.at at time zone 'UTC')::date as day,
      case
        when jsonb_typeof(a.context->'maintenance') = 'object' then 'MAINTENANCE'
        when a.context->>'status' in ('OPERATIONAL', 'DEGRADED', 'DOWN') then a.context->>'status'
        when made.outcome = 'up' then 'OPERATIONAL'
        when made.outcome = 'slow' then 'DEGRADED'
        else 'DOWN'
      end as stood
    from made left join lateral (
      select snapshot->'context' as context from actors where id = 'surface:' || made.surface_id offset 0
    ) a on true
  ) counted
  group by surface_id, day
  -- Rows are locked in one order, so that two pollers never wait for each other in a ring.
  order by surface_id, day
  on conflict (surface_id, day) do update set
    operational = d.operational + excluded.operational, degraded = d.degraded + excluded.degraded,
    down = d.down + excluded.down, maintenance = d.maintenance + excluded.maintenance;
  return null;
end $$;

-- No check comes in between counting those that are there and counting those that come.
lock table checks in share row exclusive mode;
insert into surface_days (surface_id, day, operational, degraded, down)
select surface_id, (at at time zone 'UTC')::date, count(*) filter (where outcome = 'up'),
  count(*) filter (where outcome = 'slow'), count(*) filter (where outcome = 'down')
from checks group by 1, 2;
create trigger checks_count after insert on checks
  referencing new table as made for each statement execute function checks_count();

-- When somebody last said something on a ticket, and the help desk's own instant of its last change, by which we see
-- that it is worth asking.
alter table filings add column replied_at timestamptz, add column desk_updated_at timestamptz;
