import { performance } from 'node:perf_hooks';

/** How busy the event loop of this process is at present. */
export interface LoopLoad {
  isBusy(): boolean;
  stop(): void;
}

/** Milliseconds since the loop began, by what it did with them. */
interface Spent {
  active: number;
  idle: number;
}

const WINDOW_MS = 250;

/**
 * The loop counts as busy if it was active for more than this share of the last one to two windows. A timer measures
 * once per window, so that the time between two questions has no part in the answer: a long idle time does not hide the
 * work of this moment.
 */
export function startLoopLoad(
  share: number,
  {
    windowMs = WINDOW_MS,
    measure = () => performance.eventLoopUtilization(),
  }: { windowMs?: number; measure?: () => Spent } = {},
): LoopLoad {
  let last = measure();
  let before = last;
  const timer = setInterval(() => {
    before = last;
    last = measure();
  }, windowMs).unref();
  return {
    isBusy() {
      const now = measure();
      // A loop that is blocked does not run the timer, so the last measurement may be old enough.
      const start = timeOf(now) - timeOf(last) >= windowMs ? last : before;
      return now.active - start.active > share * (timeOf(now) - timeOf(start));
    },
    stop: () => clearInterval(timer),
  };
}

const timeOf = ({ active, idle }: Spent): number => active + idle;
