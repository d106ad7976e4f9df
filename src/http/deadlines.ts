import { Problem, type ProblemCode } from '../lib/problem.ts';
import { withTimeout } from '../lib/withTimeout.ts';

/** Every page must answer within five seconds, whatever is down; this leaves half a second to render it. */
const PAGE_DEADLINE_MS = 4_500;

/** Waits for database work as long as a page may take, then throws Problem `database_unavailable`, or that of `makeError`. */
export function withPageDeadline<T>(work: Promise<T>, makeError: () => Problem = databaseLate): Promise<T> {
  return withTimeout(PAGE_DEADLINE_MS, work, makeError);
}

export const databaseLate = (): Problem => late('database_unavailable', 'The database', PAGE_DEADLINE_MS);

/** Waits for `work` at most `ms`, then throws Problem `busy` saying that `subject` did not answer. */
export function withDeadline<T>(ms: number, subject: string, work: Promise<T>): Promise<T> {
  return withTimeout(ms, work, () => late('busy', subject, ms));
}

/** Waits for several pieces of work, which may take `ms` together; what happens between them does not count. */
export function sharedDeadline(ms: number, subject: string): <T>(work: Promise<T>) => Promise<T> {
  let left = ms;
  return async (work) => {
    const startedAt = performance.now();
    try {
      return await withTimeout(left, work, () => late('busy', subject, ms));
    } finally {
      left = Math.max(0, left - (performance.now() - startedAt));
    }
  };
}

const late = (code: ProblemCode, subject: string, ms: number) =>
  new Problem(code, `${subject} did not answer within ${ms / 1000} s.`);
