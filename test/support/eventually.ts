import { vi } from 'vitest';
import { WAIT_TIMEOUT_MS } from './waitTimeout.ts';

/** Waits until `check` no longer throws, and answers what it came to. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: WAIT_TIMEOUT_MS, interval: 40 });
