import type { Pool } from 'pg';

/** Rows deleted by one statement: small enough that no lock is held for long. */
const BATCH_ROWS = 5_000;
/** Statements for each table in one run; the rest waits for the next run. */
const MAX_BATCHES = 200;

export interface Retention {
  /** Age in days from which checks are deleted; 0 keeps them. */
  checksDays: number;
  /** The same for history, finished effects, the answers to clicks, and what was held back and is over. */
  historyDays: number;
}

export type Pruned = Record<
  | 'checks'
  | 'days'
  | 'history'
  | 'effects'
  | 'answers'
  | 'held'
  | 'identities'
  | 'sessions'
  | 'signIns'
  | 'failedAttempts'
  | 'jobs',
  number
>;

/** A row a day and surface is next to nothing, and the grid shows ninety of them however long checks are kept. */
const DAYS_KEPT = 100;

/** Days that an ended session, and an answer of the identity provider that was used, are remembered. */
const SESSION_DAYS = 1;

/** Days that a job is kept which has used up its tries, or was replaced while it ran: nobody takes it again. */
const SPENT_JOB_DAYS = 1;

/**
 * Makes the audit log's partitions for this month and the next ones, so that no row has to fall into the
 * rest. Any number of processes may call it at once.
 */
export async function prepareAuditPartitions(pool: Pick<Pool, 'query'>): Promise<void> {
  // The lock is taken before the function looks which partitions there are, or two callers would both make one.
  await pool.query(
    `with turn as materialized (select pg_advisory_xact_lock(hashtext('audit_log_prepare')))
     select audit_log_prepare() from turn`,
  );
}

/**
 * Deletes what has outlived its use, in batches, and says how many rows went. The audit log is never
 * touched; neither are dead effects, which wait for a person, nor anything that is still under way.
 */
export async function prune(
  pool: Pick<Pool, 'query'>,
  { checksDays, historyDays }: Retention,
  { signal, batch = BATCH_ROWS }: { signal?: AbortSignal; batch?: number } = {},
): Promise<Pruned> {
  async function sweep(table: string, days: number, when: string): Promise<number> {
    if (days <= 0) return 0;
    let deleted = 0;
    for (let round = 0; round < MAX_BATCHES && !signal?.aborted; round += 1) {
      const { rowCount } = await pool.query(
        `delete from ${table} where ctid = any (array(
           select ctid from ${table} where ${when} < now() - make_interval(days => $1) limit $2))`,
        [days, batch],
      );
      deleted += rowCount ?? 0;
      if ((rowCount ?? 0) < batch) break;
    }
    return deleted;
  }

  return {
    checks: await sweep('checks', checksDays, 'at'),
    days: await sweep('surface_days', DAYS_KEPT, 'day'),
    history: await sweep('actor_history', historyDays, 'at'),
    // A failed effect without an end may be tried again.
    effects: await sweep(
      'effects',
      historyDays,
      `case when status in ('done', 'cancelled', 'replayed', 'discarded') then coalesce(finished_at, created_at)
            when status = 'failed' then finished_at end`,
    ),
    answers: await sweep('answers', historyDays, 'at'),
    held: await sweep('held_alerts', historyDays, 'over_at'),
    identities: await sweep('alert_identities', historyDays, 'first_seen_at'),
    // What they were stands in the audit log; where people were, and with what, is nobody's business any more.
    sessions: await sweep('sessions', SESSION_DAYS, 'coalesce(ended_at, expires_at)'),
    signIns: await sweep('spent_sign_ins', SESSION_DAYS, 'at'),
    failedAttempts: await sweep('failed_attempts', SESSION_DAYS, 'began_at'),
    jobs: await sweep(
      'graphile_worker._private_jobs',
      SPENT_JOB_DAYS,
      'case when attempts >= max_attempts and locked_at is null then run_at end',
    ),
  };
}
