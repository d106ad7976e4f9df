import { Problem, type ProblemCode } from '../errors.ts';
import { within } from '../within.ts';

/** Half a second below the five in which every page must stand, whatever is down. */
const PAGE_DEADLINE_MS = 4_500;

/** Waits for what comes out of our database, no longer than a page may take; then it counts as gone. */
export function soon<T>(work: Promise<T>): Promise<T> {
  return within(PAGE_DEADLINE_MS, work, () => late('database_unavailable', 'The database', PAGE_DEADLINE_MS));
}

/** Waits for `work` no longer than `ms`; then a 503 Problem names `what` did not answer. */
export function patiently<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  return within(ms, work, () => late('busy', what, ms));
}

const late = (code: ProblemCode, what: string, ms: number) =>
  new Problem(code, `${what} did not answer within ${ms / 1000} s.`);
