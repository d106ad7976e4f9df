-- storm_slots_of_filings as before, except that a filing which was withdrawn takes no slot: nothing is posted for it, and
-- another alert would get no ticket for it. It is left out of the answer, as a row that another transaction holds: the
-- caller runs the filing again and reads that it was withdrawn. Processes of an older build call the same function.
create or replace function storm_slots_of_filings(of_source text, ids text[], max_tickets integer, max_total integer,
  window_minutes integer, in_order boolean, refused text[]) returns table (slot_of text, is_taken boolean)
language plpgsql volatile as $$
declare
  wanted text[];
  chosen text[];
  free integer;
  since timestamptz := clock_timestamp() - window_minutes * interval '1 minute';
begin
  perform set_config('synchronous_commit', 'off', true);
  return query select id, true from filings where id = any(ids) and admitted_at is not null;
  wanted := (select array_agg(asked.id order by asked.n) from unnest(ids) with ordinality as asked(id, n)
    join filings as stored using (id) where stored.admitted_at is null and stored.withdrawn_at is null);
  if wanted is null then return; end if;
  -- Slots only become free with time, so a full window is detected without the lock. In a storm that is the usual case.
  free := least(max_tickets - (select count(*) from filings where source = of_source and admitted_at > since),
    case when max_total > 0 then max_total - (select count(*) from filings where admitted_at > since) end);
  if free > 0 then
    perform pg_advisory_xact_lock(hashtextextended(
      'storm filings' || case when max_total > 0 then '' else ' ' || of_source end, 0));
    free := least(max_tickets - (select count(*) from filings where source = of_source and admitted_at > since),
      case when max_total > 0 then max_total - (select count(*) from filings where admitted_at > since) end);
  end if;
  chosen := case when free <= 0 then '{}' when in_order then first_filings(of_source, wanted, refused, since, free)
    else wanted[1:free] end;
  return query with held as (
      select id from filings where id = any(chosen) and admitted_at is null and withdrawn_at is null
      order by id for update skip locked
    ) update filings s set admitted_at = clock_timestamp() from held where s.id = held.id returning s.id, true;
  return query select asked, false from unnest(wanted) as asked where asked <> all(chosen);
end $$;
