import { sqlStateMeans } from './sqlStates.ts';

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
]);

/** `pg` gives these errors no code. */
const MESSAGES = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired/,
  /^Query read timeout/,
  /^Client has encountered a connection error/,
  /^Client was closed and is not queryable/,
  /^Cannot use a pool after calling end/,
];

/** Whether `error`, or its cause, means that the database cannot serve us now, rather than that the query was wrong. */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return isConnectionFailure(error) || sqlStateMeans(error, 'gone') || isDatabaseGone(error.cause);
}

/** Whether `error`, or its cause, means that no session can be opened, so that everything else fails as well. */
export function isDatabaseUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return isConnectionFailure(error) || sqlStateMeans(error, 'unreachable') || isDatabaseUnreachable(error.cause);
}

function isConnectionFailure(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return NETWORK.has(code) || MESSAGES.some((message) => message.test(error.message));
}

/**
 * Whether `error`, or its cause, means that something does not exist in the database. While the process waits for the
 * release step that is to be expected; later it is a bug.
 */
export function isMissingInDatabase(error: unknown): boolean {
  return error instanceof Error && (sqlStateMeans(error, 'missing') || isMissingInDatabase(error.cause));
}

/** Whether `error`, or its cause, is a limit that ended the work: of time, of waiting for a lock, or of space. */
export function isLimitExceeded(error: unknown): boolean {
  return error instanceof Error && (sqlStateMeans(error, 'limit') || isLimitExceeded(error.cause));
}

/** Whether `error`, or its cause, is that another transaction held a lock for too long. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && (sqlStateMeans(error, 'locked') || isLocked(error.cause));
}
