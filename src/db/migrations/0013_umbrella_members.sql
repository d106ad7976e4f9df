-- Which alerts are on which umbrella ticket, so that each surface can show the ticket of its outage.
create table umbrella_members (
  filing_id   text not null,
  alert_key   text not null,
  -- Of the alert as it joined.
  episode     integer not null,
  surface_id  text,
  joined_at   timestamptz not null default clock_timestamp(),
  primary key (filing_id, alert_key)
);
create index umbrella_members_by_alert on umbrella_members (alert_key, joined_at desc);
create index umbrella_members_by_surface on umbrella_members (surface_id) where surface_id is not null;

-- Those of the time before: named when the ticket was filed, in one of its notes, or still to be named.
insert into umbrella_members (filing_id, alert_key, episode, surface_id, joined_at)
select distinct on (named.filing_id, named.alert_key) named.filing_id, named.alert_key,
  (a.snapshot->'context'->>'episode')::int, a.snapshot->'context'->>'surfaceId', named.at
from (
  select f.id as filing_id, member->>'alertKey' as alert_key, f.created_at as at
  from filings f cross join jsonb_array_elements(f.request->'members') as member
  where f.path = 'umbrella' and f.ticket_id is not null
  union all
  select f.id, member->>'alertKey', e.created_at
  from effects e join filings f on f.actor_id = e.actor_id and f.path = 'umbrella' and f.ticket_id::text = e.input->>'ticketId'
  cross join jsonb_array_elements(e.input->'about'->'members') as member
  where e.src = 'keepTicket' and e.input->'about'->>'what' = 'members'
  union all
  select u.snapshot->'context'->>'filingId', member->>'alertKey', u.updated_at
  from actors u cross join jsonb_array_elements(u.snapshot->'context'->'members') as member
  where u.kind = 'umbrella' and u.snapshot->'context'->>'filingId' is not null
) named join actors a on a.id = 'alert:' || named.alert_key
where a.snapshot->'context'->>'reason' = 'storm'
order by named.filing_id, named.alert_key, named.at;

-- Those that an umbrella names and that are not over, few among all alerts.
create index actors_stormed on actors (id) where kind = 'alert' and state->>'ticket' = 'stormed';
