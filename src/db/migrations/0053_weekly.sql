-- How many alerts began on each day (UTC), by source, surface ('' for none) and severity: each announces itself in one
-- message. Triggers keep it, since during a deploy an older release writes messages as well.
create table alert_days (
  day         date not null,
  source      text not null,
  surface_id  text not null,
  severity    text not null,
  alerts      integer not null,
  primary key (day, source, surface_id, severity)
) with (fillfactor = 70);

create function alerts_count() returns trigger language plpgsql as $$
begin
  insert into alert_days as d (day, source, surface_id, severity, alerts)
  select (created_at at time zone 'UTC')::date, source, coalesce(body->>'surfaceId', ''), coalesce(body->>'severity', ''),
    count(*)
  from made where kind = 'opened' and copy_of is null and source is not null
  -- Rows are locked in one order, so that two processes never wait for each other in a ring.
  group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (day, source, surface_id, severity) do update set alerts = d.alerts + excluded.alerts;
  return null;
end $$;

-- No message comes in between counting those that are there and counting those that come.
lock table direct_messages in share row exclusive mode;
insert into alert_days (day, source, surface_id, severity, alerts)
select (created_at at time zone 'UTC')::date, source, coalesce(body->>'surfaceId', ''), coalesce(body->>'severity', ''), count(*)
from direct_messages where kind = 'opened' and copy_of is null and source is not null group by 1, 2, 3, 4;
create trigger alerts_count after insert on direct_messages
  referencing new table as made for each statement execute function alerts_count();

-- When we saw that a ticket was closed; null while it is not, and for tickets that were closed before this release.
alter table filings add column closed_at timestamptz;
create function filings_close() returns trigger language plpgsql as $$
begin
  new.closed_at := case when new.ticket_status = 'closed' then clock_timestamp()
    when new.ticket_status in ('active', 'pending') then null else old.closed_at end;
  return new;
end $$;
create trigger filings_close before update on filings
  for each row when (new.ticket_status is distinct from old.ticket_status) execute function filings_close();
create index filings_closed on filings (closed_at) where closed_at is not null;
