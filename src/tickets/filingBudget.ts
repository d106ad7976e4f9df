import type { SteadyClock } from '../lib/clock.ts';
import { type CallOptions, TicketError } from './port.ts';

/** The time that is left for one run of a filing, and whether the process has to stop. */
export interface FilingBudget {
  /** Infinity if no operator is waiting. */
  leftMs(): number;
  /**
   * Options of the next call. Throws TicketError `unavailable` if too little time is left to start one. If no
   * operator is waiting, only each request is limited, from the moment at which it leaves: the wait in the queue of this
   * process says nothing about the help desk.
   */
  nextCall(): CallOptions;
  /** Waits `ms`, at most as long as there is time left, and not at all once the process has to stop. */
  pause(ms: number): Promise<void>;
  isStopping(): boolean;
  /** Aborted when the process has to stop. */
  signal: AbortSignal;
}

/** A shorter call would not be worth starting. */
const MIN_CALL_MS = 300;

/** Measured by our own steady clock from now on; `leftMs` null means that no operator is waiting. */
export function createFilingBudget(
  { leftMs, path }: { leftMs: number | null; path: string },
  timeoutMs: number,
  signal: AbortSignal,
  time: SteadyClock,
): FilingBudget {
  const from = time.now();
  const left = () => (leftMs === null ? Number.POSITIVE_INFINITY : leftMs - (time.now() - from));
  return {
    leftMs: left,
    nextCall() {
      if (leftMs === null) return { signal, urgent: false };
      const callMs = Math.min(timeoutMs, left());
      if (callMs <= MIN_CALL_MS) throw new TicketError('unavailable', 'no time was left for another call');
      return { signal, timeoutMs: callMs, urgent: path === 'investigate' };
    },
    async pause(ms) {
      await time.sleep(Math.max(0, Math.min(ms, left())), signal);
    },
    isStopping: () => signal.aborted,
    signal,
  };
}
