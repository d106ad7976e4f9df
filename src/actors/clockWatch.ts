import type { Pool } from 'pg';
import { epochMs } from '../db/age.ts';
import type { Log } from '../log/log.ts';

const LOOK_EVERY_MS = 2_000;
/** A smaller step makes a job late by that much, and no more. */
const STEP_MS = 10_000;

/**
 * Notices when the database's clock was set back, as by a failover to a server whose clock is behind. Jobs that were put
 * off until a time by the old clock would be late by the whole step; their delays begin again instead.
 */
export function watchClock(pool: Pool, log: Log): { stop(): void } {
  /** The database's clock minus ours, which never steps. */
  let difference: number | null = null;

  async function look(): Promise<void> {
    const { rows } = await pool.query<{ ms: number }>(`select ${epochMs('clock_timestamp()')} as ms`);
    const now = Number(rows[0]?.ms) - performance.now();
    const wasSetBack = difference !== null && now < difference - STEP_MS;
    // It may have been set back before this process started.
    const isFirst = difference === null;
    difference = now;
    if (!isFirst && !wasSetBack) return;
    const { rowCount } = await pool.query(RESTART_DELAYS, [STEP_MS]);
    if ((rowCount ?? 0) > 0)
      log.warn({ jobs: rowCount }, "the database's clock was set back; delays of jobs begin again");
  }

  const lookSafely = () =>
    void look().catch((error: unknown) => log.debug({ err: error }, 'reading the clock of the database failed'));
  lookSafely();
  const timer = setInterval(lookSafely, LOOK_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

/** A job that was last changed in the future was changed by the clock before it was set back. */
const RESTART_DELAYS = `
  update graphile_worker._private_jobs
  set run_at = clock_timestamp() + greatest(run_at - greatest(created_at, updated_at), interval '0'),
    created_at = least(created_at, clock_timestamp()), updated_at = clock_timestamp()
  where locked_at is null and greatest(created_at, updated_at) > clock_timestamp() + $1 * interval '1 millisecond'`;
