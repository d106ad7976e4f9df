const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const SQLSTATES = new Set([
  '25006', // read-only: a standby, or a primary that was demoted
  '25P03', // the session was idle in a transaction for too long and was terminated
  '28000', // the user may not connect any more
  '28P01', // the password has changed
  '3D000', // the database does not exist (yet)
  '42P01', // not migrated yet: the process serves requests while it waits for the migration
  '55P03', // a lock was not available in time
  '57014', // the statement took too long
  '57P01', // stopped by an administrator
  '57P02', // crashed
  '57P03', // starting up or shutting down
  '57P04', // the database was dropped
  '57P05', // the session was idle for too long and was terminated
]);

/** 08: connection failure; 53: out of connections, memory or disk space. */
const SQLSTATE_CLASSES = /^(08|53)...$/;

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
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NETWORK.has(code) || SQLSTATES.has(code) || SQLSTATE_CLASSES.test(code)) return true;
  return MESSAGES.some((message) => message.test(error.message)) || isDatabaseGone(error.cause);
}
