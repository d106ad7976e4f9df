import { vi } from 'vitest';
import { WAIT_TIMEOUT_MS } from './waitTimeout.ts';

/** Repeats `check` until it no longer throws, and resolves with its result. Rejects with its last error after the time. */
export const eventually = <T>(check: () => T | Promise<T>, timeout = WAIT_TIMEOUT_MS): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 40 });
