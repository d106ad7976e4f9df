import type { Pool } from 'pg';
import type { Host } from '../actors/host.ts';
import type { Registry } from '../actors/registry.ts';
import { forgetRecords } from '../alerts/forgetRecords.ts';
import { hasUnlistedWaiting, releaseWaiting } from '../alerts/releaseWaiting.ts';
import { hasSuppressed, type ReviewSuppressed } from '../alerts/reviewSuppressed.ts';
import { prune } from '../audit/retention.ts';
import type { Config } from '../config/config.ts';
import type { DatabaseClock } from '../db/databaseClock.ts';
import { takeLease } from '../db/lease.ts';
import { watchDeadLetterAge } from '../deadLetters/watchAge.ts';
import type { Flags } from '../flags/flags.ts';
import type { Cleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { createReconciler } from '../reconcile/reconciler.ts';
import type { ChangeFeed, HelpDesk } from '../tickets/port.ts';
import type { Refresh } from '../tickets/refresh.ts';
import { keepAuditLog } from './auditLogTasks.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { Metrics } from './metrics.ts';
import { hasFutureAttempts, restartDoubts } from './restartDoubts.ts';

interface TaskDeps {
  reviewSuppressed: ReviewSuppressed;
  pool: Pool;
  databaseUrl: string;
  clock: DatabaseClock;
  config: Config;
  registry: Registry;
  host: Host;
  desk: HelpDesk & ChangeFeed;
  flags: Flags;
  refresh: Refresh;
  metrics: Metrics;
  outgoing: Outgoing;
  cleanups: Cleanups;
  log: Log;
}

/** Work that repeats for as long as the program runs, done by one process at a time. */
interface ScheduledTask {
  /** Name of the lease; processes that use the same name share the work. */
  name: string;
  /** How often this process tries to take the lease. */
  tryEveryMs: number;
  /** How often all processes together do the work. */
  everySeconds: number;
  /** Read before the lease is taken, which is a write. Left out: always. */
  isDue?(): Promise<boolean>;
  run(signal: AbortSignal): Promise<unknown>;
}

const HEARTBEAT_EVERY_S = 60;

export function startScheduledTasks(deps: TaskDeps): void {
  const { pool, config, refresh } = deps;
  const { deliver } = deps.host;
  const alarmMinutes = config.deadLetterAlarmMinutes;
  const reconciler = createReconciler({
    ...deps,
    deliver,
    isAutoTicketOn: () => deps.flags.isOnNow('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
    settings: { ...config.freescout, silentAfterMinutes: config.alertSilentAfterMinutes },
    onDone: (what, times) => deps.metrics.reconciled.inc({ what }, times),
  });
  const tasks: ScheduledTask[] = [
    { name: 'compare tickets', tryEveryMs: 5_000, everySeconds: 25, run: (signal) => refresh.all(signal) },
    {
      name: 'look at dead letters',
      tryEveryMs: 10_000,
      everySeconds: 25,
      run: () => watchDeadLetterAge({ pool, deliver, alarmMinutes }),
    },
    {
      name: 'review suppressed alerts',
      tryEveryMs: 1_000,
      everySeconds: 1,
      isDue: () => hasSuppressed(pool),
      run: deps.reviewSuppressed,
    },
    {
      name: 'release waiting filings',
      tryEveryMs: 1_000,
      everySeconds: 1,
      isDue: () => hasUnlistedWaiting(pool),
      run: () => releaseWaiting({ pool, deliver }),
    },
    {
      name: 'restart doubts',
      tryEveryMs: 5_000,
      everySeconds: 5,
      isDue: () => hasFutureAttempts(pool),
      run: () => restartDoubts(pool),
    },
    { name: 'reconcile', tryEveryMs: 5_000, everySeconds: 60, run: (signal) => reconciler.run(signal) },
    {
      name: 'housekeeping',
      tryEveryMs: 60_000,
      everySeconds: 3_600,
      async run(signal) {
        await keepAuditLog(deps, signal);
        const onFailure = (table: string, error: unknown): void => {
          deps.metrics.pruneFailures.inc({ table });
          deps.log.warn({ err: error, table }, 'old rows could not be deleted; will retry');
        };
        await prune(pool, config.retention, { signal, onFailure });
        await forgetRecords(pool, { days: config.retention.recordsDays, signal, onFailure });
      },
    },
  ];
  const { heartbeatUrl: url } = config;
  if (url !== null) {
    const onOutcome = (outcome: string) => deps.metrics.heartbeats.inc({ outcome });
    const { pollIntervalSeconds } = config.surfaces;
    const run = createHeartbeat({ pool, outgoing: deps.outgoing, url, pollIntervalSeconds, onOutcome });
    tasks.push({ name: 'heartbeat', tryEveryMs: 5_000, everySeconds: HEARTBEAT_EVERY_S, run });
  }
  for (const task of tasks) schedule(task, deps);
}

/** Starts a task. A run that fails is logged and repeated at the next turn. */
function schedule(task: ScheduledTask, { pool, cleanups, log }: TaskDeps): void {
  const { name, tryEveryMs, everySeconds, run } = task;
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(
        async () =>
          ((await task.isDue?.()) ?? true) && (await takeLease(pool, name, everySeconds)) && run(stopping.signal),
      )
      .catch((error: unknown) => log.warn({ err: error, task: name }, 'scheduled task failed; will retry'));
  }, tryEveryMs);
  cleanups.add(name, async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  });
}
