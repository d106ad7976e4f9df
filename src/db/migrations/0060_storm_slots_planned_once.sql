-- storm_slots with a function for each table whose statements name it, so that each connection plans them once: as texts that
-- were put together for each call they were planned for each call, which took most of its time. The rules are the same.
-- storm_slots itself, which processes of an older build call, leads to these functions.
create or replace function first_filings(of_source text, wanted text[], refused text[], since timestamptz, free integer)
returns text[] language plpgsql stable as $$
begin
  return (
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
  );
end $$;

do $generate$
declare
  target text;
begin
  foreach target in array array['filings', 'direct_messages', 'shadow_tickets'] loop
    execute replace($create$
      create function storm_slots_of_TARGET(of_source text, ids text[], max_tickets integer, max_total integer,
        window_minutes integer, in_order boolean, refused text[]) returns table (slot_of text, is_taken boolean)
      language plpgsql volatile as $function$
      declare
        wanted text[];
        chosen text[];
        free integer;
        since timestamptz := clock_timestamp() - window_minutes * interval '1 minute';
      begin
        perform set_config('synchronous_commit', 'off', true);
        return query select id, true from TARGET where id = any(ids) and admitted_at is not null;
        wanted := (select array_agg(asked.id order by asked.n) from unnest(ids) with ordinality as asked(id, n)
          join TARGET as stored using (id) where stored.admitted_at is null);
        if wanted is null then return; end if;
        -- Slots only become free with time, so a full window is detected without the lock. In a storm that is the usual case.
        free := least(max_tickets - (select count(*) from TARGET where source = of_source and admitted_at > since),
          case when max_total > 0 then max_total - (select count(*) from TARGET where admitted_at > since) end);
        if free > 0 then
          perform pg_advisory_xact_lock(hashtextextended(
            'storm TARGET' || case when max_total > 0 then '' else ' ' || of_source end, 0));
          free := least(max_tickets - (select count(*) from TARGET where source = of_source and admitted_at > since),
            case when max_total > 0 then max_total - (select count(*) from TARGET where admitted_at > since) end);
        end if;
        chosen := case when free <= 0 then '{}' when in_order then first_filings(of_source, wanted, refused, since, free)
          else wanted[1:free] end;
        return query with held as (
            select id from TARGET where id = any(chosen) and admitted_at is null order by id for update skip locked
          ) update TARGET s set admitted_at = clock_timestamp() from held where s.id = held.id returning s.id, true;
        return query select asked, false from unnest(wanted) as asked where asked <> all(chosen);
      end $function$
    $create$, 'TARGET', target);
  end loop;
end $generate$;

create or replace function storm_slots(slots regclass, of_source text, ids text[], max_tickets integer, max_total integer,
  window_minutes integer, in_order boolean, refused text[] default '{}') returns table (slot_of text, is_taken boolean)
language plpgsql volatile as $$
begin
  return query execute format('select * from storm_slots_of_%s($1, $2, $3, $4, $5, $6, $7)', slots)
    using of_source, ids, max_tickets, max_total, window_minutes, in_order, refused;
end $$;
