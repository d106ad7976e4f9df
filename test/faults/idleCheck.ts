import type { RestartableDatabase } from './database.ts';

/** What still has to happen before everything is at rest, in words; empty once it is. */
export async function pendingWork(database: Pick<RestartableDatabase, 'rows'>): Promise<string[]> {
  const rows = await database.rows<{ what: string; n: number }>(UNREST);
  return rows.filter(({ n }) => n > 0).map(({ what, n }) => `${n} ${what}`);
}

/**
 * A job that is put off by its own timer is at rest; one that is due or being worked is not. One that has used up its
 * tries was replaced by another while it was being worked, and its process died: nobody will take it again.
 */
const UNREST = `
  select 'effects under way' as what, count(*)::int as n from effects where status in ('pending', 'running')
  union all
  select 'jobs due', count(*)::int from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id
    where j.locked_at is not null or (j.attempts < j.max_attempts
      and j.run_at <= now() - case when t.identifier = 'timer' then interval '1 second' else interval '0' end)
  union all
  select 'filings not settled', count(*)::int from filings where phase in ('planned', 'attempting')
  union all
  select 'active alerts without their ticket', count(*)::int from actors
    where kind = 'alert' and (snapshot->'context'->>'active')::boolean and snapshot->'context'->>'severity' <> 'P3'
      and snapshot->'context'->>'ticket' is null
  union all
  select 'alerts in the middle of something', count(*)::int from actors where kind = 'alert'
    and (jsonb_array_length(snapshot->'context'->'dms') > 0 or jsonb_array_length(snapshot->'context'->'chores') > 0)
  union all
  select 'surfaces in the middle of something', count(*)::int from actors where kind = 'surface'
    and (jsonb_array_length(snapshot->'context'->'clicks') > 0 or jsonb_array_length(snapshot->'context'->'chores') > 0)`;
