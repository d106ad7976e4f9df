import type { SteadyClock } from '../lib/clock.ts';
import { isDatabaseGone } from './databaseGone.ts';

/** What only this process knows, such as the answer of another system, by id: an absence of the database does not lose it. */
export interface KeptUntilStored<T> {
  /** Repeats until it is stored. Throws the error of the database only when the process has to stop. */
  store(id: string, value: T, signal: AbortSignal): Promise<void>;
  /** What an earlier run in this process could not store before it had to stop. */
  kept(id: string): T | undefined;
}

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_000;

export function createKeptUntilStored<T>(deps: {
  write: (id: string, value: T) => Promise<unknown>;
  /** Called for each failure after which it is tried again. */
  onFailure: (error: unknown, id: string, value: T) => void;
  time: SteadyClock;
}): KeptUntilStored<T> {
  const { write, onFailure, time } = deps;
  const waiting = new Map<string, T>();
  return {
    async store(id, value, signal) {
      waiting.set(id, value);
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
        try {
          await write(id, value);
          waiting.delete(id);
          return;
        } catch (error) {
          if (!isDatabaseGone(error) || signal.aborted) throw error;
          onFailure(error, id, value);
          await time.sleep(pauseMs, signal);
        }
      }
    },
    kept: (id) => waiting.get(id),
  };
}
