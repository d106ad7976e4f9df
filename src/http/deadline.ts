import { Problem } from '../errors.ts';

/** Half a second below the five in which every page must stand, whatever is down. */
export const PAGE_DEADLINE_MS = 4_500;

/**
 * Waits for `work` no longer than `ms`; then a 503 Problem names `what` did not answer. The work itself
 * is not stopped: nobody looks at its result any more.
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem('busy', `${what} did not answer within ${ms / 1000} s.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
