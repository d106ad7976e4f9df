import type { FailureCount } from '../../model/people.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline } from '../deadlines.ts';
import { networkOf } from '../networkOf.ts';

export interface FailedAttempts {
  /** Counts one failure of this address. Returns the seconds to wait once there are too many, else null. */
  count(address: string): Promise<number | null>;
  /** The same without counting. */
  wait(address: string): Promise<number | null>;
}

interface Window {
  ends: number;
  failures: number;
}

const WINDOW_MS = 60_000;
const ALLOWED = 20;
/** Limits memory: beyond this many networks the oldest is dropped. */
const MAX_NETWORKS = 10_000;
const SHARED_COUNT_DEADLINE_MS = 1_000;

/**
 * Counts failed authentications per client network and minute, in all processes together. Successes are not counted.
 * Over the limit, a process refuses without asking the database; while the database is unavailable, each process counts
 * for itself.
 */
export function createFailedAttempts(
  { countFailures }: Pick<ConsoleApi, 'countFailures'>,
  now: () => number = Date.now,
): FailedAttempts {
  const windows = new Map<string, Window>();
  const share = inBatches((added) =>
    withDeadline(SHARED_COUNT_DEADLINE_MS, 'The count of failures', countFailures(added)),
  );

  function current(network: string): Window {
    const existing = windows.get(network);
    return existing && now() < existing.ends ? existing : { ends: now() + WINDOW_MS, failures: 0 };
  }
  function remember(network: string, window: Window): void {
    windows.delete(network);
    windows.set(network, window);
    const [oldest] = windows.keys();
    if (windows.size > MAX_NETWORKS && oldest !== undefined) windows.delete(oldest);
  }
  const secondsLeft = ({ ends }: Window) => Math.max(1, Math.ceil((ends - now()) / 1000));

  /** The number of this failure among those of all processes; null if there are none or the database is unavailable. */
  async function sharedCount(network: string, failures: 0 | 1, window: Window): Promise<number | null> {
    const shared = await share(network, failures).catch(() => null);
    if (shared === null || shared.count === 0) return null;
    window.failures = Math.max(window.failures, shared.count);
    window.ends = now() + shared.leftMs;
    remember(network, window);
    return shared.count;
  }

  return {
    async wait(address) {
      const network = networkOf(address);
      const window = current(network);
      if (window.failures < ALLOWED) await sharedCount(network, 0, window);
      return window.failures >= ALLOWED ? secondsLeft(window) : null;
    },
    async count(address) {
      const network = networkOf(address);
      const window = current(network);
      window.failures += 1;
      remember(network, window);
      if (window.failures > ALLOWED) return secondsLeft(window);
      const count = await sharedCount(network, 1, window);
      return count !== null && count > ALLOWED ? secondsLeft(window) : null;
    },
  };
}

interface SharedCount {
  count: number;
  leftMs: number;
}

/** Sends one query at a time; calls that arrive meanwhile share the next one, so that a flood needs one connection. */
function inBatches(query: (added: { network: string; failures: number }[]) => Promise<FailureCount[]>) {
  let waiting = new Map<string, number>();
  let inFlight: Promise<unknown> = Promise.resolve();
  let next: Promise<{ sent: Map<string, number>; counts: FailureCount[] }> | null = null;

  function send() {
    const sent = waiting;
    waiting = new Map();
    next = null;
    const result = query([...sent].map(([network, failures]) => ({ network, failures })));
    inFlight = result.catch(() => undefined);
    return result.then((counts) => ({ sent, counts }));
  }

  return async (network: string, failures: 0 | 1): Promise<SharedCount> => {
    const positionInBatch = (waiting.get(network) ?? 0) + failures;
    waiting.set(network, positionInBatch);
    next ??= inFlight.then(send);
    const { sent, counts } = await next;
    const total = counts.find((count) => count.network === network);
    if (!total) return { count: 0, leftMs: WINDOW_MS };
    // Failures of one batch are numbered in the order of their arrival.
    return { count: total.failures - (sent.get(network) ?? 0) + positionInBatch, leftMs: total.left_ms };
  };
}
