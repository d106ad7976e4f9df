import ipaddr from 'ipaddr.js';
import type { FailureCount } from '../../model/people.ts';
import { answerWithin } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';

export interface FailedAttempts {
  /** Counts one more failure of this address; seconds to wait when there are too many, else null. */
  count(address: string): Promise<number | null>;
  /** The same without counting: for what must not even be tried. */
  wait(address: string): Promise<number | null>;
}

interface Window {
  ends: number;
  failures: number;
}

const WINDOW_MS = 60_000;
const ALLOWED = 20;
/** Beyond this many networks the oldest is forgotten, so that nobody can fill our memory. */
const REMEMBERED = 10_000;
/** Nobody who mistyped a token waits longer for the verdict of the other processes. */
const PATIENCE_MS = 1_000;

/**
 * How often each client has failed to get in lately, by token or by signing in, in all processes together. Success is
 * never counted. Who has failed too often is refused without a further question; while the others cannot be asked,
 * each process counts for itself.
 */
export function createFailedAttempts(
  { countFailures }: Pick<ConsoleApi, 'countFailures'>,
  now: () => number = Date.now,
): FailedAttempts {
  const windows = new Map<string, Window>();
  const share = inBatches((added) => answerWithin(PATIENCE_MS, 'The count of failures', countFailures(added)));

  function current(network: string): Window {
    const held = windows.get(network);
    return held && now() < held.ends ? held : { ends: now() + WINDOW_MS, failures: 0 };
  }
  function remember(network: string, window: Window): void {
    windows.delete(network);
    windows.set(network, window);
    const [oldest] = windows.keys();
    if (windows.size > REMEMBERED && oldest !== undefined) windows.delete(oldest);
  }
  const secondsLeft = ({ ends }: Window) => Math.max(1, Math.ceil((ends - now()) / 1000));

  /** The place of these failures among those of all processes; null where there are none, or that cannot be found out. */
  async function placeAmongAll(network: string, failures: 0 | 1, window: Window): Promise<number | null> {
    const found = await share(network, failures).catch(() => null);
    if (found === null || found.place === 0) return null;
    window.failures = Math.max(window.failures, found.place);
    window.ends = now() + found.leftMs;
    remember(network, window);
    return found.place;
  }

  return {
    async wait(address) {
      const network = networkOf(address);
      const window = current(network);
      if (window.failures < ALLOWED) await placeAmongAll(network, 0, window);
      return window.failures >= ALLOWED ? secondsLeft(window) : null;
    },
    async count(address) {
      const network = networkOf(address);
      const window = current(network);
      window.failures += 1;
      remember(network, window);
      if (window.failures > ALLOWED) return secondsLeft(window);
      const place = await placeAmongAll(network, 1, window);
      return place !== null && place > ALLOWED ? secondsLeft(window) : null;
    },
  };
}

interface Place {
  place: number;
  leftMs: number;
}

/** One question at a time: what comes meanwhile goes together with the next, so that a flood costs one connection. */
function inBatches(ask: (added: { network: string; failures: number }[]) => Promise<FailureCount[]>) {
  let waiting = new Map<string, number>();
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<{ sent: Map<string, number>; counts: FailureCount[] }> | null = null;

  function send() {
    const sent = waiting;
    waiting = new Map();
    next = null;
    const answer = ask([...sent].map(([network, failures]) => ({ network, failures })));
    underWay = answer.catch(() => undefined);
    return answer.then((counts) => ({ sent, counts }));
  }

  return async (network: string, failures: 0 | 1): Promise<Place> => {
    const mine = (waiting.get(network) ?? 0) + failures;
    waiting.set(network, mine);
    next ??= underWay.then(send);
    const { sent, counts } = await next;
    const found = counts.find((count) => count.network === network);
    if (!found) return { place: 0, leftMs: WINDOW_MS };
    // Those that were sent together stand in the order in which they came.
    return { place: found.failures - (sent.get(network) ?? 0) + mine, leftMs: found.left_ms };
  };
}

/** One household has a whole /64 of IPv6 addresses, so that is what counts as one client. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
