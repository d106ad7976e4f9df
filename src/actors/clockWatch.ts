import type { Pool } from 'pg';
import type { ClockReadings } from '../db/databaseClock.ts';
import type { Log } from '../log/log.ts';

/** A smaller step makes a job late by that much, and no more. */
const STEP_MS = 10_000;

/**
 * Notices when the database's clock was set back, as by a failover to a server whose clock is behind. Jobs that were put
 * off until a time by the old clock would be late by the whole step; their delays begin again instead. A running job would
 * be as late once it fails.
 *
 * It compares each reading with the one before it. A slow answer may look like a step: then no job is found. What has
 * to be certain of a step, such as the age of an attempt, would rather miss one (db/databaseClock.ts).
 */
export function watchClock(pool: Pool, clock: ClockReadings, log: Log): { stop(): void } {
  /** The database's clock minus ours, which never steps. */
  let difference: number | null = null;
  /** Before the first reading, it may have been set back before this process started. */
  let isDue = true;

  async function restartDelays(): Promise<void> {
    const { rowCount } = await pool.query(RESTART_DELAYS, [STEP_MS]);
    if ((rowCount ?? 0) > 0)
      log.warn({ jobs: rowCount }, "the database's clock was set back; delays of jobs begin again");
  }

  const stop = clock.onReading(({ databaseMs, answeredAt }) => {
    const now = databaseMs - answeredAt;
    if (difference !== null && now < difference - STEP_MS) isDue = true;
    difference = now;
    if (!isDue) return;
    isDue = false;
    restartDelays().catch((error: unknown) => {
      // Right after a failover, the jobs may still be out of reach for the connections of this pool.
      isDue = true;
      log.debug({ err: error }, 'the delays of jobs could not begin again; will retry');
    });
  });
  return { stop };
}

/**
 * A job that was last changed in the future was changed by the clock before it was set back. So was a running job that is
 * due in the future, because it was due when it was taken, whenever it was added. It is due again at once, because the
 * library counts the pause after a failure from then. The library ends jobs by their ids, so a running one may be changed.
 */
const RESTART_DELAYS = `
  update graphile_worker._private_jobs
  set run_at = case when locked_at is null
      then clock_timestamp() + greatest(run_at - greatest(created_at, updated_at), interval '0')
      else least(run_at, clock_timestamp()) end,
    created_at = least(created_at, clock_timestamp()), updated_at = clock_timestamp()
  where case when locked_at is null then greatest(created_at, updated_at) else run_at end
    > clock_timestamp() + $1 * interval '1 millisecond'`;
