import type { SteadyClock } from '../lib/clock.ts';
import { type CallOptions, TicketError } from './port.ts';

/** What is left of a person's patience during one run of a filing, and whether the process has to stop. */
export interface FilingClock {
  /** Infinity where nobody waits. */
  leftMs(): number;
  /** The terms of the next call. Throws TicketError where too little time is left to start one. */
  call(): CallOptions;
  /** Waits, but never longer than there is time, and not at all once the process has to stop. */
  pause(ms: number): Promise<void>;
  isStopping(): boolean;
}

/** Not worth starting another call for. */
const TOO_LITTLE_MS = 300;

/** Measured by our own steady clock from now on; `leftMs` null means that nobody waits. */
export function createFilingClock(
  { leftMs, path }: { leftMs: number | null; path: string },
  timeoutMs: number,
  signal: AbortSignal,
  time: SteadyClock,
): FilingClock {
  const from = time.now();
  const left = () => (leftMs === null ? Number.POSITIVE_INFINITY : leftMs - (time.now() - from));
  return {
    leftMs: left,
    call() {
      const within = Math.min(timeoutMs, left());
      if (within <= TOO_LITTLE_MS) throw new TicketError('unavailable', 'no time was left for another call');
      return { signal, timeoutMs: within, urgent: path === 'investigate' };
    },
    async pause(ms) {
      await time.sleep(Math.max(0, Math.min(ms, left())), signal);
    },
    isStopping: () => signal.aborted,
  };
}
