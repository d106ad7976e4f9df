import type { Pool } from 'pg';
import { takeLease } from '../db/lease.ts';
import type { Cleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';

/** Work that repeats for as long as the program runs, done by one process of the fleet at a time. */
export interface ScheduledTask {
  /** Name of the lease; processes that use the same name share the work. */
  name: string;
  /** How often this process tries to take the lease. */
  tryEveryMs: number;
  /** How often the fleet does the work. */
  everySeconds: number;
  run(signal: AbortSignal): Promise<unknown>;
}

/** Starts a task. A run that fails is logged and repeated at the next turn. */
export function schedule(
  { name, tryEveryMs, everySeconds, run }: ScheduledTask,
  deps: { pool: Pool; cleanups: Cleanups; log: Log },
): void {
  const { pool, cleanups, log } = deps;
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(async () => (await takeLease(pool, name, everySeconds)) && run(stopping.signal))
      .catch((error: unknown) => log.warn({ err: error, task: name }, 'scheduled task failed; will retry'));
  }, tryEveryMs);
  cleanups.add(name, async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  });
}
