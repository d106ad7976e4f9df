import type { Pool } from 'pg';
import { namesFiling } from '../actors/projections/anyActor.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { epochMs } from '../db/age.ts';
import { transaction } from '../db/pool.ts';
import { adopt, type LateFiling } from './adopt.ts';
import { auditRow } from './outcomes.ts';
import type { ReconcileContext } from './reconcileContext.ts';

/**
 * Closes filings that are open although their actor no longer waits for them. They would block every later filing with the
 * same key, since only one of those may be open.
 */
export async function closeAbandonedIntents(work: ReconcileContext): Promise<void> {
  const { pool, desk, tally, clock, inDoubtSeconds } = work;
  const { rows } = await pool.query<LateFiling & { attemptedAtMs: number | null }>(ABANDONED, [inDoubtSeconds]);
  for (const { attemptedAtMs, ...filing } of rows) {
    if (!work.hasTime()) return;
    if (filing.phase === 'attempting') {
      // Before the look-up: the database's clock may have been set forward, so that the request may still take effect.
      const isOver = clock.ageAtLeastMs(attemptedAtMs ?? 0) >= inDoubtSeconds * 1_000;
      // It may have been posted, so its ticket is looked up first.
      const [ticket] = await desk.findByMarker(filing.marker, filing.created_at, work.call());
      if (ticket) {
        await adopt(work, filing, ticket);
        continue;
      }
      if (!isOver) continue;
    }
    if (await close(pool, filing)) tally.note('intent_closed');
  }
}

function close(pool: Pool, { id, marker, actor_id }: LateFiling): Promise<boolean> {
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

const ABANDONED = `
  select f.id, f.marker, f.path, f.phase, f.actor_id, f.subject_key, f.request, f.withdrawn_at, f.created_at,
    ${epochMs('f.attempted_at')} as "attemptedAtMs"
  from filings f join actors a on a.id = f.actor_id
  where f.phase in ('planned', 'attempting') and f.ticket_id is null and a.parked is null
    and f.created_at < clock_timestamp() - interval '1 minute'
    and coalesce(f.attempted_at < clock_timestamp() - $1 * interval '1 second', true)
    and not ${namesFiling('a', 'f.id')}
  order by f.created_at limit 20`;
