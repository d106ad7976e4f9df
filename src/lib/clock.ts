import { setTimeout as sleep } from 'node:timers/promises';

/** A monotonic clock and a pause. Injected, so that the simulator can use virtual time. */
export interface SteadyClock {
  /** Milliseconds since an arbitrary instant of this process. */
  now(): number;
  /** Milliseconds on a clock that also counts while the computer is suspended; default: as `now`. */
  wall?(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const steadyClock: SteadyClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/**
 * Starts to measure how much time passes, suspended or not: the monotonic clock stands still in suspend, and the wall
 * clock may be set back, so the larger difference counts.
 */
export function stopwatch(clock: SteadyClock): () => number {
  const wall = () => clock.wall?.() ?? clock.now();
  const [steadyFrom, wallFrom] = [clock.now(), wall()];
  return () => Math.max(clock.now() - steadyFrom, wall() - wallFrom);
}
