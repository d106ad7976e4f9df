import type { Pool } from 'pg';
import type { Reconciliation } from '../model/operations.ts';
import { actionOf, OUTCOMES } from './outcomes.ts';

const MAX_ROWS = 50;

/** The last run, the findings that need a person, and the latest repairs. */
export async function readReconciliation(pool: Pick<Pool, 'query'>): Promise<Reconciliation> {
  const [run, standing, recent] = await Promise.all([
    pool.query<{ ran_at: Date | null; took_ms: number; desk: string; did: Record<string, number> }>(
      'select ran_at, took_ms, desk, did from reconcile_run',
    ),
    pool.query<{ kind: string; details: Record<string, unknown>; found_at: Date }>(
      `select kind, details, found_at from reconcile_findings
       where settled_at is null and kind in ('twin', 'parked') order by found_at desc limit ${MAX_ROWS}`,
    ),
    pool.query<{ created_at: Date; action: string; payload: Record<string, unknown> }>(
      `select created_at, action, payload from audit_log where action = any($1) order by created_at desc, id desc limit ${MAX_ROWS}`,
      [ACTIONS],
    ),
  ]);
  const last = run.rows[0];
  return {
    last_run: last?.ran_at
      ? { at: last.ran_at.toISOString(), took_ms: last.took_ms, desk: last.desk, did: last.did }
      : null,
    standing: standing.rows.map(({ found_at, ...row }) => ({ ...row, found_at: found_at.toISOString() })),
    recent: recent.rows.map(({ created_at, action, payload }) => ({
      at: created_at.toISOString(),
      what: action.replace('console.reconcile.', ''),
      details: payload,
    })),
  };
}

/** Listed one by one, so that the index by action is used. */
const ACTIONS = OUTCOMES.map(actionOf);
