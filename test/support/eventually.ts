import { vi } from 'vitest';

/** Waits until `check` no longer throws, and answers what it came to. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval: 40 });
