-- storm_slots_of_… as before, except that slots which were taken in the future do not count: after the clock of the database
-- has stepped back, a full window would stay full for the whole step. Processes of an older build call the same functions.
do $generate$
declare
  target text;
begin
  foreach target in array array['filings', 'direct_messages', 'shadow_tickets'] loop
    execute replace(replace(replace($create$
      create or replace function storm_slots_of_TARGET(of_source text, ids text[], max_tickets integer, max_total integer,
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
          join TARGET as stored using (id) where stored.admitted_at is nullSTANDS_stored);
        if wanted is null then return; end if;
        -- Slots only become free with time, so a full window is detected without the lock. In a storm that is the usual case.
        free := least(max_tickets - (select count(*) from TARGET where source = of_source and IN_WINDOW),
          case when max_total > 0 then max_total - (select count(*) from TARGET where IN_WINDOW) end);
        if free > 0 then
          perform pg_advisory_xact_lock(hashtextextended(
            'storm TARGET' || case when max_total > 0 then '' else ' ' || of_source end, 0));
          free := least(max_tickets - (select count(*) from TARGET where source = of_source and IN_WINDOW),
            case when max_total > 0 then max_total - (select count(*) from TARGET where IN_WINDOW) end);
        end if;
        chosen := case when free <= 0 then '{}' when in_order then first_filings(of_source, wanted, refused, since, free)
          else wanted[1:free] end;
        return query with held as (
            select stored.id from TARGET stored where stored.id = any(chosen) and stored.admitted_at is nullSTANDS_stored
            order by stored.id for update skip locked
          ) update TARGET s set admitted_at = clock_timestamp() from held where s.id = held.id returning s.id, true;
        return query select asked, false from unnest(wanted) as asked where asked <> all(chosen);
      end $function$
    $create$, 'TARGET', target),
      'STANDS_stored', case when target = 'filings' then ' and stored.withdrawn_at is null' else '' end),
      'IN_WINDOW', 'admitted_at > since and admitted_at < clock_timestamp() + interval ''1 minute''');
  end loop;
end $generate$;
