import { EventEmitter } from 'node:events';
import { Logger, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { ClockReadings } from '../db/databaseClock.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Log } from '../log/log.ts';
import { watchClock } from './clockWatch.ts';
import { holdLiveness } from './liveness.ts';
import { withRepeatableRelease } from './repeatableRelease.ts';
import { startTakeover } from './takeover.ts';

/** Workers of the job queue. Jobs are added in SQL, in the transaction that they belong to (enqueue.ts). */
export interface Workers {
  stop(): Promise<void>;
}

/** Code of each kind of job. A job that throws is retried later, with growing pauses. */
export type Tasks = Record<string, (payload: never) => Promise<void>>;

const RETRY_START_MS = 1_000;
/** Longer than the grace period of running jobs. */
const STOP_WITHIN_MS = 8_000;

/**
 * Runs jobs until stopped. When this process dies, other processes take over its jobs within seconds: each worker pool
 * holds a session lock, and a job locked by a pool whose lock is free is released. The library alone would wait four hours.
 */
export function startWorkers(deps: {
  /** Direct, like `databaseUrl`: one of its connections waits for notifications. */
  pool: pg.Pool;
  databaseUrl: string;
  tasks: Tasks;
  concurrency: number;
  /** By which they notice that the database's clock was set back. */
  clock: ClockReadings;
  log: Log;
  /** Other processes are shown that a worker runs. */
  isWorker?: boolean;
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

async function startOne(deps: Parameters<typeof startWorkers>[0]) {
  const { pool, databaseUrl, tasks, concurrency, clock, log, isWorker = false } = deps;
  let lost: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    lost = resolve;
  });
  const events = new EventEmitter() as WorkerEvents;
  const signs: { stop(): Promise<void> }[] = [];
  events.on('pool:create', ({ workerPool }) => {
    signs.push(holdLiveness({ databaseUrl, poolId: workerPool.id, log, onLost: lost, isWorker }));
  });
  // The library keeps the result of its first statement, even if that failed: such a pool would never take a job.
  let hasLooked = false;
  for (const looked of ['worker:getJob:empty', 'job:start'] as const) {
    events.once(looked, () => {
      hasLooked = true;
    });
  }
  events.on('worker:getJob:error', ({ error }) => {
    if (hasLooked) return;
    log.debug({ err: error }, 'job workers could not look for jobs; starting them again');
    lost();
  });
  // The library ends the pool after this event, but its promise does not always settle.
  events.on('pool:fatalError', () => lost());
  const runner: Runner = await run({
    pgPool: withRepeatableRelease(pool),
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
  const watches = [startTakeover(pool, log), watchClock(pool, clock, log)];

  return {
    ended,
    async stop() {
      for (const watch of watches) watch.stop();
      // The library rejects a second stop, which is harmless.
      const stopped = runner.stop().catch((error: unknown) => log.debug({ err: error }, 'job runner had stopped'));
      // After several failed statements, the library miscounts its running jobs and may wait forever.
      await withTimeout(
        STOP_WITHIN_MS,
        stopped,
        () => new Error(`still running after ${STOP_WITHIN_MS / 1000} s`),
      ).catch((error: unknown) => log.warn({ err: error }, 'job workers did not stop in time; abandoning them'));
      await Promise.all(signs.map((sign) => sign.stop()));
    },
  };
}
