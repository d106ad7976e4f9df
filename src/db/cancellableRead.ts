import pg from 'pg';
import { DatabaseClient } from './client.ts';

/** A page times out after 4.5 s. */
const READ_MS = 4_000;
const CONNECT_MS = 3_000;

interface ReadOptions {
  /** Aborted once nobody waits for the rows any more. Left out: nothing is cancelled. */
  signal?: AbortSignal | undefined;
  /** How long a statement may take. */
  statementMs?: number;
}

/**
 * Reads in one transaction, and cancels the statement that runs when `signal` is aborted. For pages and searches only:
 * what files or takes alerts is never cancelled.
 */
export async function cancellableRead<T>(
  pool: pg.Pool,
  { signal, statementMs = READ_MS }: ReadOptions,
  read: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const client = await pool.connect();
  let isUsable = false;
  let stopWatching = async () => false;
  // Once the transaction is over, a pooler may give its process to another caller, whose statement a late cancellation
  // would end. So it is over only when every cancellation is.
  const end = async (statement: 'commit' | 'rollback'): Promise<boolean> => {
    const wasCancelled = await stopWatching();
    return (await succeeds(client, statement)) && !wasCancelled;
  };
  try {
    const pid = await begin(client, statementMs);
    signal?.throwIfAborted();
    stopWatching = cancelOnAbort(pool, pid, signal);
    const result = await read(client);
    isUsable = await end('commit');
    return result;
  } catch (error) {
    if (error instanceof pg.DatabaseError) isUsable = await end('rollback');
    else await stopWatching();
    throw error;
  } finally {
    client.release(!isUsable);
  }
}

/** Returns the process of the server that serves this transaction; behind a pooler it is another one each time. */
async function begin(client: pg.PoolClient, statementMs: number): Promise<number> {
  const results = (await client.query(
    `begin transaction read only; set local statement_timeout = ${statementMs}; select pg_backend_pid() as pid`,
  )) as unknown as pg.QueryResult<{ pid: number }>[];
  const pid = results.at(-1)?.rows[0]?.pid;
  if (pid === undefined) throw new Error('the database did not name its process');
  return pid;
}

const succeeds = (client: pg.PoolClient, statement: string): Promise<boolean> =>
  client.query(statement).then(
    () => true,
    () => false,
  );

/** The returned function stops watching, and tells whether a statement was cancelled once that is over. */
function cancelOnAbort(pool: pg.Pool, pid: number, signal: AbortSignal | undefined): () => Promise<boolean> {
  const cancelling: Promise<void>[] = [];
  const cancel = () => void cancelling.push(cancelStatement(pool, pid));
  signal?.addEventListener('abort', cancel, { once: true });
  return async () => {
    signal?.removeEventListener('abort', cancel);
    await Promise.all(cancelling);
    return cancelling.length > 0;
  };
}

/** On a connection of its own, because those of the pool may all be busy with what is to be cancelled. */
async function cancelStatement({ options }: pg.Pool, pid: number): Promise<void> {
  const client = new DatabaseClient({ ...options, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_cancel_backend($1)', [pid]);
  } catch {
    // The statement then ends by its time limit.
  } finally {
    await client.end().catch(() => undefined);
  }
}
