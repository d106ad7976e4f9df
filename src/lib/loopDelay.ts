import { performance } from 'node:perf_hooks';

/** Those of the last minutes, which is longer than anybody asks about. */
const MAX_DELAYS = 1_000;
/** Timers are never exact. */
const SMALLEST_MS = 5;

export interface LoopDelay {
  /**
   * For how long the event loop stood still within the last `ms` in which it ran, because something blocked it or because
   * the whole process was stopped. What has lasted until now counts.
   */
  within(ms: number): number;
  stop(): void;
}

/** Measures delays of the event loop, to about `everyMs`. */
export function createLoopDelay(everyMs: number): LoopDelay {
  /** Oldest first. */
  const delays: { until: number; ms: number }[] = [];
  let tickedAt = performance.now();

  function lateBy(now: number): number {
    return Math.max(0, now - tickedAt - everyMs);
  }

  const timer = setInterval(() => {
    const now = performance.now();
    const ms = lateBy(now);
    tickedAt = now;
    if (ms > SMALLEST_MS) delays.push({ until: now, ms });
    if (delays.length > MAX_DELAYS) delays.shift();
  }, everyMs).unref();

  return {
    within(ms) {
      const now = performance.now();
      let total = lateBy(now);
      for (const delay of delays.toReversed()) {
        if (now - delay.until - total > ms) break;
        total += delay.ms;
      }
      return Math.round(total);
    },
    stop: () => clearInterval(timer),
  };
}
