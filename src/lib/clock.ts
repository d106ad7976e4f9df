import { setTimeout as sleep } from 'node:timers/promises';

/** A clock that only goes forward, and a pause. A part of its own, so that the simulator can let virtual time pass. */
export interface SteadyClock {
  /** Milliseconds since some instant of this process. */
  now(): number;
  /** Ends early, and without an error, once the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const steadyClock: SteadyClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
