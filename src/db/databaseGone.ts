import { isMarkedAsDatabaseError } from './client.ts';
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
export const isDatabaseGone = (error: unknown): boolean =>
  holdsForCause(error, (each) => isConnectionFailure(each) || sqlStateMeans(each, 'gone'));

/**
 * Whether `error`, or its cause, means that no session can be opened, so that everything else fails as well. A help desk
 * or another host that cannot be reached is not meant.
 */
export const isDatabaseUnreachable = (error: unknown): boolean =>
  holdsForCause(
    error,
    (each) => isLostSession(each) || isMarkedAsDatabaseError(each) || sqlStateMeans(each, 'unreachable'),
  );

/** Whatever its code: a certificate of another name, for example, or one that we do not trust. */
const isConnectionFailure = (error: Error): boolean =>
  isMarkedAsDatabaseError(error) || isNetworkFailure(error) || isLostSession(error);

const isNetworkFailure = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && NETWORK.has(error.code);

const isLostSession = ({ message }: Error): boolean => MESSAGES.some((each) => each.test(message));

/**
 * Whether `error`, or its cause, means that the schema lacks something that the statement needs. While the process waits
 * for the release step that is to be expected; later it is a bug.
 */
export const isMissingInDatabase = (error: unknown): boolean =>
  holdsForCause(error, (each) => sqlStateMeans(each, 'missing'));

/** Whether `error`, or its cause, is a limit that ended the work: of time, of waiting for a lock, or of space. */
export const isLimitExceeded = (error: unknown): boolean =>
  holdsForCause(error, (each) => sqlStateMeans(each, 'limit'));

/** Whether `error`, or its cause, is that another transaction held a lock for too long. */
export const isLocked = (error: unknown): boolean => holdsForCause(error, (each) => sqlStateMeans(each, 'locked'));

/** Whether `test` holds for `error` or its cause, or for the cause of that. */
function holdsForCause(error: unknown, test: (error: Error) => boolean): boolean {
  return error instanceof Error && (test(error) || holdsForCause(error.cause, test));
}
