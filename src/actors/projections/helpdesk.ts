import type { Pool } from 'pg';
import type { helpdeskBreakerMachine } from '../../../machines/helpdeskBreaker.ts';
import { HELPDESK_ACTOR } from '../../../machines/shared/actorId.ts';
import { projectionOf } from './projection.ts';

export const helpdeskSql = projectionOf<typeof helpdeskBreakerMachine>();

/** Condition on `actors` that finds the circuit breaker of the help desk while it is open, and nothing otherwise. */
export const HELPDESK_FAILS = `id = '${HELPDESK_ACTOR}' and ${helpdeskSql.isWithin('failing')}`;

/** Condition on `actors` that finds the circuit breaker unless it is closed and has nothing to watch. */
const AWAITS_SUCCESS = `id = '${HELPDESK_ACTOR}' and not (${helpdeskSql.isIn('working')})`;

/** Whether the circuit breaker is open: only filings that were chosen to probe may call the help desk. */
export async function isHelpdeskFailing(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rowCount } = await pool.query(`select 1 from actors where ${HELPDESK_FAILS}`);
  return (rowCount ?? 0) > 0;
}

/** Whether a filing that succeeds is news to the circuit breaker: it is open, or keeps tickets that were refused. */
export async function awaitsSuccess(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rowCount } = await pool.query(`select 1 from actors where ${AWAITS_SUCCESS}`);
  return (rowCount ?? 0) > 0;
}
