import type { Pool } from 'pg';
import { namesFiling } from '../actors/projections/anyActor.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { transaction } from '../db/pool.ts';
import { adopt, type Late } from './adopt.ts';
import { auditRow } from './outcomes.ts';
import type { ReconcileContext } from './reconcileContext.ts';

/**
 * Filings that are open although their actor does not wait for them any more. Left alone, they would be in the way of
 * every later filing about the same thing, since only one may be open for it.
 */
export async function closeAbandonedIntents(work: ReconcileContext): Promise<void> {
  const { pool, desk, tally } = work;
  const { rows } = await pool.query<Late>(FORSAKEN, [work.inDoubtSeconds]);
  for (const filing of rows) {
    if (!work.hasTime()) return;
    if (filing.phase === 'attempting') {
      // It may have been posted, so it is looked for before anybody believes that it was not.
      const [ticket] = await desk.findByMarker(filing.marker, filing.created_at, work.call());
      if (ticket) {
        await adopt(work, filing, ticket);
        continue;
      }
    }
    if (await close(pool, filing)) tally.note('intent_closed');
  }
}

function close(pool: Pool, { id, marker, actor_id }: Late): Promise<boolean> {
  return transaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update filings set phase = 'withdrawn', withdrawn_at = coalesce(withdrawn_at, now())
       where id = $1 and ticket_id is null and phase in ('planned', 'attempting')`,
      [id],
    );
    if (rowCount === 0) return false;
    await appendAudit(client, [auditRow('intent_closed', { filing_id: id, marker, actor_id })]);
    return true;
  });
}

const FORSAKEN = `
  select f.id, f.marker, f.path, f.phase, f.actor_id, f.subject_key, f.request, f.withdrawn_at, f.created_at
  from filings f join actors a on a.id = f.actor_id
  where f.phase in ('planned', 'attempting') and f.ticket_id is null and a.parked is null
    and f.created_at < clock_timestamp() - interval '1 minute'
    and coalesce(f.attempted_at < clock_timestamp() - $1 * interval '1 second', true)
    and not ${namesFiling('a', 'f.id')}
  order by f.created_at limit 20`;
