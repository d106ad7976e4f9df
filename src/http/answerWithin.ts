import { Problem, type ProblemCode } from '../lib/problem.ts';
import { withTimeout } from '../lib/withTimeout.ts';

/** Half a second below the five in which every page must stand, whatever is down. */
const PAGE_DEADLINE_MS = 4_500;

/** Waits for what comes out of our database, no longer than a page may take; then it counts as gone. */
export function withinPageDeadline<T>(work: Promise<T>): Promise<T> {
  return withTimeout(PAGE_DEADLINE_MS, work, () => late('database_unavailable', 'The database', PAGE_DEADLINE_MS));
}

/** Waits for `work` no longer than `ms`; then a 503 Problem names `what` did not answer. */
export function answerWithin<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  return withTimeout(ms, work, () => late('busy', what, ms));
}

const late = (code: ProblemCode, what: string, ms: number) =>
  new Problem(code, `${what} did not answer within ${ms / 1000} s.`);
