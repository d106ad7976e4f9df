import type { Pool } from 'pg';
import type { helpdeskBreakerMachine } from '../../../machines/helpdeskBreaker.ts';
import { HELPDESK_ACTOR } from '../../../machines/shared/actorId.ts';
import { projectionOf } from './projection.ts';

export const helpdeskSql = projectionOf<typeof helpdeskBreakerMachine>();

/** Condition on `actors` that finds the circuit breaker of the help desk while it is open, and nothing otherwise. */
export const HELPDESK_FAILS = `id = '${HELPDESK_ACTOR}' and ${helpdeskSql.isWithin('failing')}`;

/** Whether the circuit breaker is open: only filings that were chosen to probe may call the help desk. */
export async function isHelpdeskFailing(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rowCount } = await pool.query(`select 1 from actors where ${HELPDESK_FAILS}`);
  return (rowCount ?? 0) > 0;
}
