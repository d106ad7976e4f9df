import type { Pool } from 'pg';

/** Rows deleted by one statement; few enough that locks are short. */
const BATCH_ROWS = 5_000;
/** Statements per table and run; the rest is deleted in the next run. */
const MAX_BATCHES = 200;

export interface Retention {
  /** Age in days at which checks are deleted; 0 keeps them. */
  checksDays: number;
  /** The same for history, finished effects, answers to clicks, notes on tickets, what shadow mode composed, suppressions and silences that ended. */
  historyDays: number;
}

export type Pruned = Record<
  | 'checks'
  | 'days'
  | 'alertDays'
  | 'history'
  | 'effects'
  | 'answers'
  | 'held'
  | 'notes'
  | 'shadowTickets'
  | 'shadowMessages'
  | 'silences'
  | 'resolutions'
  | 'unknownResolutions'
  | 'identities'
  | 'sessions'
  | 'signIns'
  | 'failedAttempts'
  | 'refusals'
  | 'refusalNetworks'
  | 'refusalSources'
  | 'webhooks'
  | 'jobs',
  number
>;

export interface PruneOptions {
  signal?: AbortSignal;
  batch?: number;
  onFailure?: (table: string, error: unknown) => void;
}

/** The grid shows 90 days, however long checks are kept. */
const DAYS_KEPT = 100;

/** The weekly view goes back a year. */
const ALERT_DAYS_KEPT = 400;

/** Days for which ended sessions and used answers of the identity provider are kept. */
const SESSION_DAYS = 1;

/** Days for which counts of refused requests are kept. */
const REFUSAL_DAYS = 30;

/** The same by source: the page Sources shows one day. */
const SOURCE_REFUSAL_DAYS = 1;

/** Days for which resolutions are kept, to recognise emissions that they overtook. */
const RESOLUTION_DAYS = 1;

/** SQL: no older request of its source waits or is a dead letter. Such a request may bring emissions that it overtook. */
const HAS_NO_OLDER_REQUEST = `not exists (
  select from (
    select source, min(received_at) as since from (
      select source, received_at from webhook_requests where status = 'dead'
      union all select source, received_at from webhook_requests where status = 'waiting'
    ) unapplied group by source
  ) oldest
  where oldest.source = split_part(alert_resolutions.alert_key, ':', 1) and oldest.since <= alert_resolutions.received_at)`;

/** Days for which requests of senders are kept, to find out what a sender said; their alerts are kept for longer. */
const WEBHOOK_DAYS = 7;

/** Days for which jobs are kept that have used up their attempts or were replaced while they ran. */
const SPENT_JOB_DAYS = 1;

/**
 * Creates the audit log's partitions for this month and the next ones, so that no row falls into the rest partition.
 * Returns how many are still missing because another transaction reads the log, such as a pg_dump; nobody waits longer
 * than a moment behind this one. Any number of processes may call it at once.
 */
export async function prepareAuditPartitions(pool: Pick<Pool, 'query'>): Promise<number> {
  // The lock is taken before the function lists the partitions; otherwise two callers would create the same one.
  const { rows } = await pool.query<{ missing: number }>(
    `with turn as materialized (select pg_advisory_xact_lock(hashtext('audit_log_prepare')))
     select audit_log_prepare() as missing from turn`,
  );
  return rows[0]?.missing ?? 0;
}

/**
 * Deletes expired rows in batches and returns how many it deleted per kind. It never touches the audit log, dead effects
 * (a person decides about those) or anything unfinished. A table whose rows cannot be deleted is reported to `onFailure`,
 * and does not keep the others from being pruned.
 */
export async function prune(
  pool: Pick<Pool, 'query'>,
  { checksDays, historyDays }: Retention,
  { signal, batch = BATCH_ROWS, onFailure }: PruneOptions = {},
): Promise<Pruned> {
  async function sweep(table: string, days: number, when: string): Promise<number> {
    if (days <= 0) return 0;
    let deleted = 0;
    for (let round = 0; round < MAX_BATCHES && !signal?.aborted; round += 1) {
      const count = await deleteBatch(table, days, when).catch((error: unknown) => {
        onFailure?.(table, error);
        return 0;
      });
      deleted += count;
      if (count < batch) break;
    }
    return deleted;
  }

  async function deleteBatch(table: string, days: number, when: string): Promise<number> {
    const { rowCount } = await pool.query(
      `delete from ${table} where ctid = any (array(
         select ctid from ${table} where ${when} < now() - make_interval(days => $1) limit $2))`,
      [days, batch],
    );
    return rowCount ?? 0;
  }

  return {
    checks: await sweep('checks', checksDays, 'at'),
    days: await sweep('surface_days', DAYS_KEPT, 'day'),
    alertDays: await sweep('alert_days', ALERT_DAYS_KEPT, 'day'),
    history: await sweep('actor_history', historyDays, 'at'),
    // A failed effect that is not finished may be retried. The index is by creation, which comes first.
    effects: await sweep(
      'effects',
      historyDays,
      `created_at < now() - make_interval(days => $1)
       and case when status in ('done', 'cancelled', 'replayed', 'discarded') then coalesce(finished_at, created_at)
                when status = 'failed' then finished_at end`,
    ),
    answers: await sweep('answers', historyDays, 'at'),
    held: await sweep('held_alerts', historyDays, 'held_at < now() - make_interval(days => $1) and over_at'),
    // A note whose row is gone is looked up on its ticket before it is written: an effect that still asks for it is not new.
    notes: await sweep('ticket_notes', historyDays, 'created_at'),
    shadowTickets: await sweep('shadow_tickets', historyDays, 'composed_at'),
    shadowMessages: await sweep('shadow_messages', historyDays, 'composed_at'),
    silences: await sweep('silences', historyDays, 'ends_at'),
    resolutions: await sweep('alert_resolutions', RESOLUTION_DAYS, `${HAS_NO_OLDER_REQUEST} and received_at`),
    unknownResolutions: await sweep('unknown_resolutions', RESOLUTION_DAYS, 'audited_at'),
    identities: await sweep('alert_identities', historyDays, 'first_seen_at'),
    // The audit log records sign-ins; addresses and browsers are personal data that is not needed any longer.
    sessions: await sweep('sessions', SESSION_DAYS, 'coalesce(ended_at, expires_at)'),
    signIns: await sweep('spent_sign_ins', SESSION_DAYS, 'at'),
    failedAttempts: await sweep('failed_attempts', SESSION_DAYS, 'began_at'),
    refusals: await sweep('refusals', REFUSAL_DAYS, 'hour'),
    refusalNetworks: await sweep('refusal_networks', REFUSAL_DAYS, 'last_at'),
    refusalSources: await sweep('refusal_sources', SOURCE_REFUSAL_DAYS, 'hour'),
    // Dead letters, and what still waits, are kept.
    webhooks: await sweep(
      'webhook_requests',
      WEBHOOK_DAYS,
      // As in the condition of its index.
      "status in ('done', 'discarded') and finished_at",
    ),
    jobs: await sweep(
      'graphile_worker._private_jobs',
      SPENT_JOB_DAYS,
      'case when attempts >= max_attempts and locked_at is null then run_at end',
    ),
  };
}
