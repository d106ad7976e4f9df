import type { Pool } from 'pg';
import type { Deliver } from '../actors/deliver.ts';
import { UNLISTED_WAITING } from '../actors/projections/helpdesk.ts';

/**
 * Filings that wait although the help desk works: the circuit breaker keeps a list of some that wait, and releases only
 * those. The others would continue only at their next report, minutes later.
 */

export async function hasUnlistedWaiting(pool: Pick<Pool, 'query'>): Promise<boolean> {
  return (await nextWaiting(pool, '', 1)).length > 0;
}

const AT_ONCE = 500;

/** Lets each of them try, page after page until none is left. Returns how many there were. */
export async function releaseWaiting({
  pool,
  deliver,
}: {
  pool: Pick<Pool, 'query'>;
  deliver: Deliver;
}): Promise<number> {
  let released = 0;
  let after = '';
  for (let ids = await nextWaiting(pool, after); ids.length > 0; ids = await nextWaiting(pool, after)) {
    after = ids.at(-1) ?? '';
    const delivered = await deliver(ids.map((to) => ({ to, event: { type: 'TRY', probe: false } })));
    released += delivered.filter(({ applied }) => applied === 'changed').length;
  }
  return released;
}

async function nextWaiting(pool: Pick<Pool, 'query'>, after: string, limit = AT_ONCE): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(UNLISTED_WAITING, [after, limit]);
  return rows.map(({ id }) => id);
}
