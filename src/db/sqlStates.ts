/** What the errors of Postgres mean to this program. Every SQLSTATE that it knows stands here, and once. */

type Meaning =
  /** Another process was first, or two transactions waited for each other: nothing was written, and a retry may succeed. */
  | 'conflict'
  /** Another transaction holds what this one needs. */
  | 'contention'
  /** The same, certainly: the wait for the lock took too long. */
  | 'locked'
  /** The database cannot serve us now. */
  | 'gone'
  /** No session can be opened: even the simplest statement would fail. */
  | 'unreachable'
  /** The role has no right to what the statement names. */
  | 'denied'
  /** The schema lacks what the statement needs: it is older than the program, or the statement is wrong. */
  | 'missing'
  /** An earlier statement of the same transaction failed, so this one tells nothing about the cause. */
  | 'aborted'
  /** A limit ended the work. Where the database still answers, the work itself may be too much. */
  | 'limit';

/** A standby, or a primary that was demoted. */
export const READ_ONLY = '25006';

const SQLSTATES: Record<string, readonly Meaning[]> = {
  '23514': ['missing'], // a value that a check constraint does not list
  [READ_ONLY]: ['gone'],
  '25P02': ['aborted'],
  '25P03': ['gone', 'limit'], // the session was idle in a transaction for too long and was terminated
  '26000': ['aborted'], // the statement that was to prepare this one failed with the transaction
  '28000': ['gone', 'unreachable'], // the user may not connect any more
  '28P01': ['gone', 'unreachable'], // the password has changed
  '3D000': ['gone', 'unreachable'], // the database does not exist (yet)
  '40001': ['conflict'], // serialization failure
  '40P01': ['conflict', 'contention'], // deadlock
  '3F000': ['missing'], // schema
  '42501': ['gone', 'denied'], // the release step gives the rights to new tables after it has created them
  '42703': ['missing'], // column
  '42704': ['missing'], // type, or another object
  '42883': ['missing'], // function
  '42P01': ['gone', 'missing'], // table
  '42P10': ['missing'], // the unique index of an `on conflict`
  '55P03': ['contention', 'locked', 'gone', 'limit'], // a lock was not available in time
  '57014': ['contention', 'gone', 'limit'], // the statement took too long
  '57P01': ['gone', 'unreachable'], // stopped by an administrator
  '57P02': ['gone', 'unreachable'], // crashed
  '57P03': ['gone', 'unreachable'], // starting up or shutting down
  '57P04': ['gone', 'unreachable'], // the database was dropped
  '57P05': ['gone'], // the session was idle for too long and was terminated
};

/** 08: connection failure; 53: out of connections, memory or disk space. */
const GONE_CLASSES = /^(08|53)...$/;
const LIMIT_CLASS = /^53...$/;
/** Connection failures, and too many connections. */
const UNREACHABLE_CODES = /^(08...|53300)$/;

export function sqlStateMeans(error: unknown, meaning: Meaning): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return false;
  if (SQLSTATES[code]?.includes(meaning) === true) return true;
  if (meaning === 'unreachable') return UNREACHABLE_CODES.test(code);
  return (meaning === 'gone' && GONE_CLASSES.test(code)) || (meaning === 'limit' && LIMIT_CLASS.test(code));
}

export const isReadOnly = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === READ_ONLY;

/**
 * A migration has changed the columns that a prepared statement returns. The connection can never run it again, another one
 * can. Its SQLSTATE is that of everything that Postgres does not support.
 */
export const isPlanOutdated = (error: unknown): boolean =>
  (error as { routine?: unknown } | null)?.routine === 'RevalidateCachedQuery';
