import { isPlanOutdated, sqlStateMeans } from '../db/sqlStates.ts';
import type { Log } from '../log/log.ts';
import { Conflict } from './messages.ts';

const MAX_ATTEMPTS = 8;
const MAX_PAUSE_MS = 20;

/** Repeats a transaction that lost against another one, after a short random pause. */
export async function retryConflicts<T>(log: Log, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isConflict(error)) throw error;
      log.debug({ err: error, attempt }, 'delivery conflicted with another transaction; retrying');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_PAUSE_MS * attempt));
    }
  }
}

/** Another process was first, two transactions waited for each other, or a migration was first: nothing was written. */
const isConflict = (error: unknown): boolean =>
  error instanceof Conflict || sqlStateMeans(error, 'conflict') || isPlanOutdated(error);
