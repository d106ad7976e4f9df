import type { Pool } from 'pg';
import { isLimitExceeded } from '../db/databaseGone.ts';
import type { Log } from '../log/log.ts';
import { livenessKey } from './liveness.ts';

const LOOK_EVERY_MS = 1_000;
/**
 * A pool without its lock may still be starting, or be replacing a lost connection, which takes it three seconds at
 * most. Measured by our own clock, because the database's may step back.
 */
const GRACE_MS = 4_000;

/** Takes over the jobs of worker pools that have died: their session locks are free, and have been for a while. */
export function startTakeover(pool: Pool, log: Log): { stop(): void } {
  const takeover = createTakeover(pool, log, () => performance.now());
  const timer = setInterval(() => {
    takeover.look().catch((error: unknown) => {
      // The database ended a statement that took too long: its locks have lasted meanwhile.
      if (!isLimitExceeded(error)) takeover.forget();
      log.debug({ err: error }, 'looking for abandoned jobs failed');
    });
  }, LOOK_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

/** One look at the pools after the other, by this clock in milliseconds. */
export function createTakeover(pool: Pool, log: Log, now: () => number) {
  /** When each pool without a lock was first seen without it. */
  let missing = new Map<string, number>();
  return {
    async look(): Promise<void> {
      const { rows } = await pool.query<{ id: string }>(WITHOUT_LOCK);
      const at = now();
      missing = new Map(rows.map(({ id }) => [id, missing.get(id) ?? at]));
      const dead = [...missing].filter(([, since]) => at - since >= GRACE_MS).map(([id]) => id);
      if (dead.length === 0) return;
      const { rows: freed } = await pool.query<{ pools: number; jobs: number }>(FREE, [dead]);
      if (freed[0] && freed[0].jobs > 0) log.info(freed[0], 'jobs of a stopped process taken over');
    },
    /** After a look that failed nothing is known about how long a lock has been free. */
    forget: () => missing.clear(),
  };
}

const TAKEN = 'select distinct locked_by as id from graphile_worker._private_jobs where locked_by is not null';
const TRY = `pg_try_advisory_xact_lock(${livenessKey('id')})`;
const WITHOUT_LOCK = `with taken as materialized (${TAKEN}) select id from taken where ${TRY}`;

/**
 * A pool without its lock may still be at work, if it only lost its connection. The library ends a job by its id alone,
 * so a job that is taken over gets another one: else that pool, when it is done, would remove a job that by then is due
 * again, or is being worked by another process. A job that a transaction of the dead pool still locks, which the database
 * ends after a while, is left to one of the next looks, so that the others need not wait for it.
 */
const FREE = `
  with dead as materialized (
    select id from (${TAKEN}) taken where id = any($1) and ${TRY}
  ), mine as (
    select j.id from graphile_worker._private_jobs j join dead on j.locked_by = dead.id for update of j skip locked
  ), freed as (
    update graphile_worker._private_jobs j set id = default, locked_by = null, locked_at = null, run_at = now()
    from mine where j.id = mine.id returning 1
  )
  select (select count(*)::int from dead) as pools, (select count(*)::int from freed) as jobs`;
