import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log/log.ts';
import { isDatabaseUnreachable, isLimitExceeded } from './databaseGone.ts';

const RETRY_MS = 1_000;
/** A limit that is reached for longer does not come from another process that will soon be done. */
const LIMITS_MS = 60_000;

/**
 * Repeats `work` for as long as it fails because the database cannot be reached, and for a minute while it runs into a
 * limit there, such as a lock that another process holds. Ends with the reason of an abort.
 */
export async function untilReached<T>(
  work: () => Promise<T>,
  log: Log,
  stopping: AbortSignal,
  limitsMs = LIMITS_MS,
): Promise<T> {
  let limitedSince: number | null = null;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      stopping.throwIfAborted();
      if (isDatabaseUnreachable(error)) {
        limitedSince = null;
      } else {
        limitedSince ??= performance.now();
        if (!isLimitExceeded(error) || performance.now() - limitedSince >= limitsMs) throw error;
      }
      log.warn({ err: error }, 'waiting for the database; will retry');
      await sleep(RETRY_MS, undefined, { signal: stopping });
    }
  }
}
