import type { RestartableDatabase } from './database.ts';

export interface Work {
  what: string;
  n: number;
}

/** What is still to be done before the program is idle; empty when it is idle. */
export async function pendingWork(database: Pick<RestartableDatabase, 'rows'>): Promise<Work[]> {
  return (await database.rows<Work>(PENDING_WORK)).filter(({ n }) => n > 0);
}

/**
 * A job with a later run time counts as idle; one that is due or running does not. A job without attempts left was replaced
 * while it ran and its process died, so no process will run it again.
 */
const PENDING_WORK = `
  select 'pending effects' as what, count(*)::int as n from effects where status in ('pending', 'running')
  union all
  select 'jobs due', count(*)::int from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id
    where j.locked_at is not null or (j.attempts < j.max_attempts
      and j.run_at <= now() - case when t.identifier = 'timer' then interval '1 second' else interval '0' end)
  union all
  select 'webhook requests', count(*)::int from webhook_requests where status = 'waiting'
  union all
  select 'unfinished filings', count(*)::int from filings where phase in ('planned', 'attempting')
  union all
  select 'active alerts without their ticket', count(*)::int from actors
    where kind = 'alert' and (snapshot->'context'->>'active')::boolean and snapshot->'context'->>'severity' <> 'P3'
      and snapshot->'context'->>'ticket' is null
  union all
  select 'alerts with pending messages or ticket updates', count(*)::int from actors where kind = 'alert'
    and (jsonb_array_length(snapshot->'context'->'dms') > 0 or jsonb_array_length(snapshot->'context'->'chores') > 0)
  union all
  select 'surfaces with pending clicks or ticket updates', count(*)::int from actors where kind = 'surface'
    and (jsonb_array_length(snapshot->'context'->'clicks') > 0 or jsonb_array_length(snapshot->'context'->'chores') > 0)`;
