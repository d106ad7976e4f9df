import type { FailureCount } from '../../model/people.ts';
import { clientNetwork } from '../../net/clientNetwork.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline } from '../deadlines.ts';

export interface FailedAttempts {
  /** Counts one attempt of this address. Returns the seconds to wait once there are too many, else null. */
  count(address: string): Promise<number | null>;
  /** Takes one attempt back that turned out well. */
  forgive(address: string): Promise<void>;
}

export interface Limit {
  /** Attempts of different kinds do not count for each other. */
  kind: 'token' | 'answer';
  /** Per client and minute. */
  allowed: number;
}

interface Window {
  ends: number;
  failures: number;
}

const WINDOW_MS = 60_000;
/** Limits memory: beyond this many networks the oldest is dropped. */
const MAX_NETWORKS = 10_000;
const SHARED_COUNT_DEADLINE_MS = 1_000;

/**
 * Counts attempts of one kind per client network and minute, in all processes together. Over the limit, a process refuses
 * without asking the database; while the database is unavailable, each process counts for itself.
 */
export function createFailedAttempts(
  { countFailures }: Pick<ConsoleApi, 'countFailures'>,
  { kind, allowed }: Limit,
  now: () => number = Date.now,
): FailedAttempts {
  const windows = new Map<string, Window>();
  const share = inBatches((added) =>
    withDeadline(SHARED_COUNT_DEADLINE_MS, 'The count of failures', countFailures(added)),
  );
  const keyOf = (address: string) => `${kind} ${clientNetwork(address)}`;

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

  /** The number of this attempt among those of all processes; null while the database is unavailable. */
  async function sharedCount(network: string, window: Window): Promise<number | null> {
    const shared = await share(network, 1).catch(() => null);
    if (shared === null) return null;
    window.failures = shared.count;
    window.ends = now() + shared.leftMs;
    remember(network, window);
    return shared.count;
  }

  return {
    async count(address) {
      const network = keyOf(address);
      const window = current(network);
      window.failures += 1;
      remember(network, window);
      if (window.failures > allowed) return secondsLeft(window);
      const count = await sharedCount(network, window);
      return count !== null && count > allowed ? secondsLeft(window) : null;
    },
    async forgive(address) {
      const network = keyOf(address);
      const window = current(network);
      window.failures = Math.max(0, window.failures - 1);
      await share(network, -1).catch(() => null);
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

  return async (network: string, failures: 1 | -1): Promise<SharedCount> => {
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
