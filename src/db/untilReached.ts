import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log/log.ts';
import { isDatabaseUnreachable } from './databaseGone.ts';

const RETRY_MS = 1_000;

/** Repeats `work` for as long as it fails because the database cannot be reached. Ends with the reason of an abort. */
export async function untilReached<T>(work: () => Promise<T>, log: Log, stopping: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      stopping.throwIfAborted();
      if (!isDatabaseUnreachable(error)) throw error;
      log.warn({ err: error }, 'the start waits for the database');
      await sleep(RETRY_MS, undefined, { signal: stopping });
    }
  }
}
