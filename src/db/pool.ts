import pg from 'pg';
import type { Log } from '../log/log.ts';

/** A page has to answer within 5 s whatever is down, so nobody waits longer than this for a connection. */
const CONNECT_MS = 3_000;
const STATEMENT_MS = 10_000;
/** A little later than the server's own limit: it is for a server, or a network, that says nothing at all any more. */
const QUERY_TIMEOUT_MS = STATEMENT_MS + 2_000;
/** When the server goes away, every idle connection reports it; one line in this time is enough. */
const BROKEN_LOG_MS = 5_000;

/**
 * A pool of at most `size` connections; who asks for one waits `connectMs` for it at most. It connects when it is first asked to, uses TLS as the `sslmode` of the URL
 * says, reads bigint as number, and outlives the loss of its server.
 */
export function createPool(url: string, size: number, log: Log, connectMs = CONNECT_MS): pg.Pool {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    types,
    application_name: 'auto-ticketing',
    connectionTimeoutMillis: connectMs,
    statement_timeout: STATEMENT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  // A connection in use reports its loss to the query in flight as well; without a listener the event would end us.
  pool.on('connect', (client) => client.on('error', () => undefined));
  let quietUntil = 0;
  pool.on('error', (error) => {
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + BROKEN_LOG_MS;
    log.warn({ code: codeOf(error), reason: error.message }, 'database connection lost');
  });
  return pool;
}

/**
 * Runs `fn` in one transaction and commits what it did, or rolls it back when it throws. When the connection breaks at
 * the commit itself, the error does not tell whether the commit took place: `fn` must be safe to repeat.
 */
export async function transaction<T>(pool: pg.Pool, fn: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let unusable = false;
  try {
    await client.query('begin');
    const result = await fn(client);
    const { command } = await client.query('commit');
    // Postgres answers a commit with ROLLBACK when a statement had failed and somebody swallowed its error.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back because a statement in it had failed');
    return result;
  } catch (error) {
    // Where the server did not say what was wrong, the connection may still be busy: a rollback would queue behind that.
    unusable = isDatabaseGone(error) || !(await rollback(client));
    throw error;
  } finally {
    client.release(unusable);
  }
}

function rollback(client: pg.PoolClient): Promise<boolean> {
  return client.query('rollback').then(
    () => true,
    () => false,
  );
}

const GONE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '42P01', // not migrated yet: a process that waits for the release step answers meanwhile
  '53300', // too many connections
  '57P01', // stopped by an administrator
  '57P02', // crashed
  '57P03', // starting up or shutting down
]);

/** What `pg` says, without a code, when a connection cannot be had or is lost. */
const GONE_MESSAGES = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired/,
  /^Query read timeout/,
  /^Client has encountered a connection error/,
  /^Client was closed and is not queryable/,
  /^Cannot use a pool after calling end/,
];

/** Whether it failed because the database cannot be reached, rather than because of what was asked of it. */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code !== undefined && (GONE_CODES.has(code) || /^08...$/.test(code))) return true;
  if (GONE_MESSAGES.some((message) => message.test(error.message))) return true;
  return isDatabaseGone(error.cause);
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
