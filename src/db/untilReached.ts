import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log/log.ts';
import { isDatabaseUnreachable, isLimitExceeded } from './databaseGone.ts';

const RETRY_MS = 1_000;

/**
 * Repeats `work` for as long as it fails because the database cannot be reached, or because it ran into a limit there, such
 * as a lock that another process holds. Ends with the reason of an abort.
 */
export async function untilReached<T>(work: () => Promise<T>, log: Log, stopping: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      stopping.throwIfAborted();
      if (!isDatabaseUnreachable(error) && !isLimitExceeded(error)) throw error;
      log.warn({ err: error }, 'waiting for the database; will retry');
      await sleep(RETRY_MS, undefined, { signal: stopping });
    }
  }
}
