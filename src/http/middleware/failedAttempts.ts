import ipaddr from 'ipaddr.js';

export interface FailedAttempts {
  /** Counts one more failure of this address; seconds to wait when there are too many, else null. */
  count(address: string): number | null;
  /** The same without counting: for what must not even be tried. */
  wait(address: string): number | null;
}

interface Window {
  began: number;
  failures: number;
}

const WINDOW_MS = 60_000;
const ALLOWED = 20;
/** Beyond this many addresses the oldest is forgotten, so that nobody can fill our memory. */
const REMEMBERED = 10_000;

/** How often each client has failed to get in lately, by token or by signing in. Success is never counted. */
export function createFailedAttempts(now: () => number = Date.now): FailedAttempts {
  const windows = new Map<string, Window>();

  function current(key: string): Window {
    const held = windows.get(key);
    return held && now() - held.began < WINDOW_MS ? held : { began: now(), failures: 0 };
  }
  const secondsLeft = ({ began }: Window) => Math.ceil((began + WINDOW_MS - now()) / 1000);

  return {
    wait(address) {
      const window = current(network(address));
      return window.failures >= ALLOWED ? secondsLeft(window) : null;
    },
    count(address) {
      const key = network(address);
      const window = current(key);
      window.failures += 1;
      windows.delete(key);
      windows.set(key, window);
      const [oldest] = windows.keys();
      if (windows.size > REMEMBERED && oldest !== undefined) windows.delete(oldest);
      return window.failures > ALLOWED ? secondsLeft(window) : null;
    },
  };
}

/** One household has a whole /64 of IPv6 addresses, so that is what counts as one client. */
function network(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
