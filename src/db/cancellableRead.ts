import pg from 'pg';

/** A page gives up after 4.5 s. */
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
  try {
    const pid = await begin(client, statementMs);
    signal?.throwIfAborted();
    stopWatching = cancelOnAbort(pool, pid, signal);
    const result = await read(client);
    isUsable = await ends(client, 'commit');
    return result;
  } catch (error) {
    isUsable = error instanceof pg.DatabaseError && (await ends(client, 'rollback'));
    throw error;
  } finally {
    // A cancellation that arrives late would end the statement of another caller.
    const wasCancelled = await stopWatching();
    client.release(wasCancelled || !isUsable);
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

const ends = (client: pg.PoolClient, statement: 'commit' | 'rollback'): Promise<boolean> =>
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
  const client = new pg.Client({ ...options, connectionTimeoutMillis: CONNECT_MS });
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
