-- Takes slots of the storm window for many filings or messages of one source in one statement, and returns the ids of those
-- that have one, from earlier or from now. `max_total` 0: no limit over all sources.
-- Each statement inside a volatile function sees what was committed before it, so the count after the lock is exact.
create function take_storm_slots(slots regclass, of_source text, ids text[], max_tickets integer, max_total integer,
  window_minutes integer) returns setof text language plpgsql volatile as $$
declare
  wanted text[];
  free integer;
  count_free text := format(
    'select least($2 - (select count(*) from %1$s where source = $1 and admitted_at > clock_timestamp() - $4 * interval ''1 minute''),
       case when $3 > 0 then $3 - (select count(*) from %1$s where admitted_at > clock_timestamp() - $4 * interval ''1 minute'')
       end)::int', slots);
begin
  return query execute format('select id from %s where id = any($1) and admitted_at is not null', slots) using ids;
  execute format('select array_agg(asked.id order by asked.n) from unnest($1) with ordinality as asked(id, n)
    join %s as stored using (id) where stored.admitted_at is null', slots) into wanted using ids;
  if wanted is null then return; end if;
  -- Slots only become free with time, so a full window is detected without the lock. In a storm that is the usual case.
  execute count_free into free using of_source, max_tickets, max_total, window_minutes;
  if free <= 0 then return; end if;
  perform pg_advisory_xact_lock(hashtextextended(
    'storm ' || slots::text || case when max_total > 0 then '' else ' ' || of_source end, 0));
  execute count_free into free using of_source, max_tickets, max_total, window_minutes;
  if free <= 0 then return; end if;
  return query execute format(
    'update %s set admitted_at = coalesce(admitted_at, clock_timestamp()) where id = any($1) returning id', slots)
    using wanted[1:free];
end $$;
