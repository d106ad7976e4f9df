-- storm_slots as before, except that a filing no longer waits for filings which take no slot: those that the caller refuses
-- for another reason at the same moment (`refused`), and those that continue a ticket which is open as far as is known.
-- Where that ticket turns out to be closed, such a filing asks for a slot itself and takes part in the order from then on.
-- A continued ticket that is known to be closed is a new ticket, so its filing precedes others like any.
-- `refused` has a default for processes of an older build.
drop function storm_slots;
drop function first_filings;

create function storm_slots(slots regclass, of_source text, ids text[], max_tickets integer, max_total integer,
  window_minutes integer, in_order boolean, refused text[] default '{}') returns table (slot_of text, is_taken boolean)
language plpgsql volatile as $$
declare
  wanted text[];
  chosen text[];
  free integer;
  since timestamptz := clock_timestamp() - window_minutes * interval '1 minute';
  count_free text := format(
    'select least($2 - (select count(*) from %1$s where source = $1 and admitted_at > $4),
       case when $3 > 0 then $3 - (select count(*) from %1$s where admitted_at > $4) end)::int', slots);
begin
  perform set_config('synchronous_commit', 'off', true);
  return query execute format('select id, true from %s where id = any($1) and admitted_at is not null', slots) using ids;
  execute format('select array_agg(asked.id order by asked.n) from unnest($1) with ordinality as asked(id, n)
    join %s as stored using (id) where stored.admitted_at is null', slots) into wanted using ids;
  if wanted is null then return; end if;
  -- Slots only become free with time, so a full window is detected without the lock. In a storm that is the usual case.
  execute count_free into free using of_source, max_tickets, max_total, since;
  if free > 0 then
    perform pg_advisory_xact_lock(hashtextextended(
      'storm ' || slots::text || case when max_total > 0 then '' else ' ' || of_source end, 0));
    execute count_free into free using of_source, max_tickets, max_total, since;
  end if;
  chosen := case when free <= 0 then '{}' when in_order then first_filings(of_source, wanted, refused, since, free)
    else wanted[1:free] end;
  return query execute format('with held as (
      select id from %1$s where id = any($1) and admitted_at is null order by id for update skip locked
    ) update %1$s s set admitted_at = clock_timestamp() from held where s.id = held.id returning s.id, true', slots)
    using chosen;
  return query select id, false from unnest(wanted) as id where id <> all(chosen);
end $$;

-- Those of `wanted` that are among the first `free` of the filings that wait for their decision and may take a slot.
create function first_filings(of_source text, wanted text[], refused text[], since timestamptz, free integer) returns text[]
language sql stable as $$
  select coalesce(array_agg(id), '{}') from (
    select id from (
      (select id, request->>'severity' as severity, request->>'since' as fired_at from filings f
       where source = of_source and path = 'alert' and phase = 'planned' and admitted_at is null and withdrawn_at is null
         and created_at > since and id <> all(refused)
         and not (request ? 'continues' and exists (
           select from filings t where t.ticket_id = (f.request->'continues'->>'id')::bigint
             and t.ticket_status in ('active', 'pending')))
       order by request->>'severity', request->>'since', id limit free)
      union
      (select id, request->>'severity', request->>'since' from filings where id = any(wanted))
    ) waiting order by severity, fired_at, id limit free
  ) first where id = any(wanted)
$$;
