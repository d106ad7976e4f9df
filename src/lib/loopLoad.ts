import { performance } from 'node:perf_hooks';

/**
 * Tells whether the event loop of this process was busy for more than this share of the time since the last measurement.
 * Measures when it is asked, at most every `everyMs`, so that an idle process does nothing.
 */
export function createLoopLoad(share: number, everyMs = 250): () => boolean {
  let since = performance.eventLoopUtilization();
  let measuredAt = performance.now();
  let isBusy = false;
  return () => {
    const now = performance.now();
    if (now - measuredAt < everyMs) return isBusy;
    const current = performance.eventLoopUtilization();
    isBusy = performance.eventLoopUtilization(current, since).utilization > share;
    since = current;
    measuredAt = now;
    return isBusy;
  };
}
