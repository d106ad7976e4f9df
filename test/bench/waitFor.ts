import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';

const EVERY_MS = 20;

/** Resolves when the condition holds. A scenario has no time limit: a slow program is measured, too. */
export async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(EVERY_MS);
}

/** The number of rows that `from` (a table and its conditions) has. */
export async function count(pool: Pool, from: string, values: unknown[] = []): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from ${from}`, values);
  return rows[0]?.n ?? 0;
}

/** How many alerts have their ticket, or have been sent to the umbrella ticket of a storm. */
export const decidedAlerts = (pool: Pool): Promise<number> =>
  count(pool, "audit_log where action = 'console.alerts.ticket_filed' or payload->>'reason' = 'storm'");

export const filedAlerts = (pool: Pool): Promise<number> =>
  count(pool, "audit_log where action = 'console.alerts.ticket_filed'");
