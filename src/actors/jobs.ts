import { EventEmitter } from 'node:events';
import { Logger, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Log } from '../log/log.ts';

/**
 * The job queue, kept behind few functions so that it can be swapped: work, stop. Jobs are added in
 * SQL, in the transaction they belong to (batch.ts).
 */
export interface Workers {
  stop(): Promise<void>;
}

/** A job's code. It may throw; the queue tries again later, with growing pauses. */
export type Tasks = Record<string, (payload: never) => Promise<void>>;

const REAP_EVERY_MS = 2_000;
const RETRY_START_MS = 1_000;
/** Jobs are told to end well before that. */
const STOP_WITHIN_MS = 8_000;

/**
 * Works jobs until stopped. When this process dies its jobs go back to the others within seconds: each
 * worker pool holds a session advisory lock, and whoever finds a job locked by a pool whose lock is free
 * releases it. Left alone the library would wait four hours.
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
        // Whoever stopped us while we were starting found nothing to stop yet.
        if (!stopping) await current.ended;
      } catch (error) {
        if (!stopping) log.warn({ err: error }, 'job workers could not start; trying again');
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
    // Without the lock others may take our jobs for abandoned: this pool ends and a new one begins.
    holder.on('error', lost);
    holder.on('end', lost);
    locked.push(
      holder.connect().then(async () => {
        await holder.query("select pg_advisory_lock(hashtextextended('job pool ' || $1, 0))", [workerPool.id]);
      }),
    );
  });
  // The library ends the pool after this, and does not always come to an end with it.
  events.on('pool:fatalError', () => lost());
  const runner: Runner = await run({
    pgPool: pool,
    taskList: tasks as unknown as TaskList,
    concurrency,
    pollInterval: 500,
    noHandleSignals: true,
    events,
    // Without these the library marks a job as ended in a promise that nobody awaits: losing the database at that
    // moment would end the process. With them the pool ends, a new one begins, and the job is freed like a dead one's.
    // A prepared statement keeps a plan that suits neither those who take one kind of job nor those who take the rest.
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
      // It refuses a second stop, which is what we want anyway.
      const stopped = runner.stop().catch((error: unknown) => log.debug({ err: error }, 'job runner had stopped'));
      // The library miscounts what it waits for once the database refused several of its notes, and then waits for ever.
      await withTimeout(STOP_WITHIN_MS, stopped, () => new Error(`still there after ${STOP_WITHIN_MS / 1000} s`)).catch(
        (error: unknown) => log.warn({ err: error }, 'job workers did not end and are left behind'),
      );
      await Promise.all(holders.map((holder) => holder.end().catch(() => undefined)));
    },
  };
}

/**
 * A pool that just started may not hold its lock yet, so jobs taken in the last two seconds are left alone.
 *
 * A pool without its lock may still be at work, if it only lost its connection. The library ends a job by its id alone,
 * so what is taken over gets another one: else that pool, when it is done, would remove a job that by then is due again,
 * or is being worked by somebody else.
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
