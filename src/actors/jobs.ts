import { EventEmitter } from 'node:events';
import { Logger, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Log } from '../log/log.ts';

/** Workers of the job queue. Jobs are added in SQL, in the transaction that they belong to (enqueue.ts). */
export interface Workers {
  stop(): Promise<void>;
}

/** Code of each kind of job. A job that throws is retried later, with growing pauses. */
export type Tasks = Record<string, (payload: never) => Promise<void>>;

const REAP_EVERY_MS = 2_000;
const RETRY_START_MS = 1_000;
/** Longer than the grace period of running jobs. */
const STOP_WITHIN_MS = 8_000;

/**
 * Runs jobs until stopped. When this process dies, other processes take over its jobs within seconds: each worker pool
 * holds a session advisory lock, and a job locked by a pool whose lock is free is released. The library alone would wait
 * four hours.
 */
export function startWorkers(deps: {
  pool: pg.Pool;
  databaseUrl: string;
  tasks: Tasks;
  concurrency: number;
  log: Log;
}): Workers {
  const { log } = deps;
  let stopping = false;
  let current: Awaited<ReturnType<typeof startOne>> | undefined;
  const running = keepRunning();

  async function keepRunning(): Promise<void> {
    while (!stopping) {
      try {
        current = await startOne(deps);
        // A stop during the start had nothing to stop yet.
        if (!stopping) await current.ended;
      } catch (error) {
        if (!stopping) log.warn({ err: error }, 'job workers could not start; retrying');
      }
      await current?.stop().catch((error: unknown) => log.debug({ err: error }, 'job workers stopped uncleanly'));
      current = undefined;
      if (!stopping) await new Promise((resolve) => setTimeout(resolve, RETRY_START_MS));
    }
  }

  return {
    async stop() {
      stopping = true;
      await current?.stop();
      await running;
    },
  };
}

async function startOne({ pool, databaseUrl, tasks, concurrency, log }: Parameters<typeof startWorkers>[0]) {
  let lost: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    lost = resolve;
  });
  const events = new EventEmitter() as WorkerEvents;
  const holders: pg.Client[] = [];
  const locked: Promise<void>[] = [];
  events.on('pool:create', ({ workerPool }) => {
    const holder = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'auto-ticketing liveness',
      keepAlive: true,
    });
    holders.push(holder);
    // Without the lock, other processes take over the jobs of this pool, so the pool ends and a new one starts.
    holder.on('error', lost);
    holder.on('end', lost);
    locked.push(
      holder.connect().then(async () => {
        await holder.query("select pg_advisory_lock(hashtextextended('job pool ' || $1, 0))", [workerPool.id]);
      }),
    );
  });
  // The library ends the pool after this event, but its promise does not always settle.
  events.on('pool:fatalError', () => lost());
  const runner: Runner = await run({
    pgPool: pool,
    taskList: tasks as unknown as TaskList,
    concurrency,
    pollInterval: 500,
    noHandleSignals: true,
    events,
    // With a delay, the library marks jobs as ended in a promise that nothing awaits, and losing the database at that
    // moment would end the process. Without it, the pool ends, a new one starts, and the job is taken over.
    // A prepared statement would keep a plan that suits neither the urgent workers nor the others.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0, preparedStatements: false } },
    logger: new Logger(() => (level, message, meta) => {
      const line = { ...(meta?.error instanceof Error ? { err: meta.error } : {}) };
      if (level === 'error') log.warn(line, `jobs: ${message}`);
      else log.debug(line, `jobs: ${message}`);
    }),
  });
  void runner.promise.then(lost, lost);
  await Promise.all(locked).catch(lost);
  const reaper = setInterval(() => {
    pool.query(REAP).then(
      ({ rows }) => {
        const freed = Number(rows[0]?.freed ?? 0);
        if (freed > 0) log.info({ pools: freed }, 'jobs of a stopped process taken over');
      },
      (error: unknown) => log.debug({ err: error }, 'looking for abandoned jobs failed'),
    );
  }, REAP_EVERY_MS);

  return {
    ended,
    async stop() {
      clearInterval(reaper);
      // The library rejects a second stop, which is harmless.
      const stopped = runner.stop().catch((error: unknown) => log.debug({ err: error }, 'job runner had stopped'));
      // After several failed statements, the library miscounts its running jobs and may wait forever.
      await withTimeout(
        STOP_WITHIN_MS,
        stopped,
        () => new Error(`still running after ${STOP_WITHIN_MS / 1000} s`),
      ).catch((error: unknown) => log.warn({ err: error }, 'job workers did not stop in time; abandoning them'));
      await Promise.all(holders.map((holder) => holder.end().catch(() => undefined)));
    },
  };
}

/**
 * A pool that just started may not hold its lock yet, so jobs taken in the last two seconds are left alone.
 *
 * A pool without its lock may still be running, if it only lost its connection. The library ends a job by its id alone,
 * so a job that is taken over gets a new id: otherwise the old pool would remove a job that is due again or that another
 * process is running.
 */
const REAP = `
  with taken as (
    select distinct locked_by as id from graphile_worker._private_jobs
    where locked_by is not null and locked_at < now() - interval '2 seconds'
  ), dead as (
    select id from taken where pg_try_advisory_xact_lock(hashtextextended('job pool ' || id, 0))
  ), moved as (
    update graphile_worker._private_jobs j set id = default, locked_by = null, locked_at = null, run_at = greatest(run_at, now())
    from dead where j.locked_by = dead.id
  )
  select count(*)::int as freed from dead`;
