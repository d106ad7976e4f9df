import pg from 'pg';
import type { Log } from '../log/log.ts';
import { DatabaseClient, refuseStandby } from './client.ts';
import { pipelinedTransaction } from './pipeline.ts';
import { prepareOn, SETTINGS_FOR_KEPT_PLANS } from './prepared.ts';
import { CLIENT_KEEPALIVES, IDLE_IN_TRANSACTION_MS, withSessionSettings } from './session.ts';

/** Pages must answer within 5 s whatever is down, which limits the wait for a connection. */
const CONNECT_MS = 3_000;
const STATEMENT_MS = 10_000;
/** Slightly longer than the server's own limit, for a server or network that does not answer at all. */
const ANSWER_MARGIN_MS = 2_000;
/** Our transactions are shorter: a lock that is held for longer is held by a process that stands still. */
const LOCK_MS = 3_000;
const SESSION_LIMITS = {
  lock_timeout: LOCK_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
};
/** When the server goes away, every idle connection reports it; one log line per interval is enough. */
const BROKEN_LOG_MS = 5_000;

export interface PoolOptions {
  /** How long a caller waits for a connection. */
  connectMs?: number;
  /** How long a statement may take, if that is not as long as usual. */
  statementMs?: number;
  /** So many connections stay open, once they are, so that work after a quiet time does not wait for new ones. */
  kept?: number;
  /**
   * The address leads to a pooler in transaction mode. It refuses settings of a session, so that the database has to
   * have them as settings of the role; see docs/operating.md.
   */
  throughPooler?: boolean;
  /** For reading only: a standby will do. */
  mayBeStandby?: boolean;
  /** Statements may be prepared, unless it leads through a pooler. For few statements that are sent often. */
  keepsPlans?: boolean;
}

/**
 * A pool of at most `size` connections. Connects on first use, uses TLS according to the `sslmode` of the URL, reads
 * bigint as number, and survives the loss of its server.
 */
export function createPool(url: string, size: number, log: Log, options: PoolOptions = {}): pg.Pool {
  const { connectMs = CONNECT_MS, statementMs = STATEMENT_MS, kept = 0, throughPooler = false, mayBeStandby } = options;
  const keepsPlans = options.keepsPlans === true && !throughPooler;
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({
    Client: DatabaseClient,
    max: size,
    min: Math.min(kept, size),
    types,
    application_name: 'auto-ticketing',
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs + ANSWER_MARGIN_MS,
    // Not every pooler in transaction mode passes on statements that are sent ahead of an answer.
    pipeline: !throughPooler,
    ...CLIENT_KEEPALIVES,
    ...(mayBeStandby ? {} : { onConnect: refuseStandby }),
    ...(throughPooler
      ? { connectionString: url }
      : {
          connectionString: withSessionSettings(url, keepsPlans ? SETTINGS_FOR_KEPT_PLANS : {}),
          ...SESSION_LIMITS,
          statement_timeout: statementMs,
        }),
  });
  if (keepsPlans) prepareOn(pool);
  // A lost connection also fails its query in flight; without a listener the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  let nextLogAt = 0;
  pool.on('error', (error) => {
    // end() does not wait for the sockets, so the database may stop before they are closed.
    if (pool.ending || Date.now() < nextLogAt) return;
    nextLogAt = Date.now() + BROKEN_LOG_MS;
    log.warn({ err: error }, 'database connection lost');
  });
  return pool;
}

/**
 * Runs `fn` in one transaction; commits it, or rolls it back when `fn` throws. When the connection breaks during the
 * commit, it is unknown whether the commit took place, so `fn` must be safe to repeat.
 * `lockMs`: how long it waits for a lock, if that is not as long as usual.
 */
export function transaction<T>(pool: pg.Pool, fn: (client: pg.PoolClient) => Promise<T>, lockMs?: number): Promise<T> {
  const onceBegun = async (client: pg.PoolClient, begun: Promise<unknown>): Promise<T> => {
    await begun;
    return fn(client);
  };
  return pipelinedTransaction(pool, onceBegun, lockMs);
}
