import { setTimeout as sleep } from 'node:timers/promises';

/** A monotonic clock and a pause. Injected, so that the simulator can use virtual time. */
export interface SteadyClock {
  /** Milliseconds since an arbitrary instant of this process. */
  now(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const steadyClock: SteadyClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
