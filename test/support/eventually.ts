import { vi } from 'vitest';
import { PATIENCE_MS } from './patience.ts';

/** Waits until `check` no longer throws, and answers what it came to. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: PATIENCE_MS, interval: 40 });
