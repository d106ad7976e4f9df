import type pg from 'pg';
import { DatabaseClient } from './client.ts';
import { ExplainedError, isPoolerRefusal, throughPooler } from './explainDatabaseError.ts';

const CONNECT_MS = 3_000;
const QUERY_MS = 3_000;
const ROUNDS = 3;

/**
 * Whether the address leads to a connection pooler in transaction mode. Two connections that are open at the same time
 * have a server process each, for as long as they last; through such a pooler they share them.
 */
export async function isTransactionPooler(url: string): Promise<boolean> {
  const [one, other] = [clientOf(url), clientOf(url)];
  try {
    await Promise.all([one.connect(), other.connect()]);
    const own = await processOf(one);
    for (let round = 0; round < ROUNDS; round += 1) {
      await other.query('begin');
      if ((await processOf(other)) === own) return true;
      if ((await processOf(one)) !== own) return true;
      await other.query('commit');
    }
    return false;
  } catch (error) {
    if (isPoolerRefusal(error)) return true;
    throw error;
  } finally {
    // A transaction may be open; the pooler discards its server connection.
    await Promise.all([one, other].map((client) => client.end().catch(() => undefined)));
  }
}

/** Waiting cannot help. */
export class TransactionPoolerError extends ExplainedError {}

/** Throws {@link TransactionPoolerError} if the address that this setting holds leads to such a pooler. */
export async function refuseTransactionPooler(url: string, setting: string): Promise<void> {
  if (await isTransactionPooler(url)) throw new TransactionPoolerError(throughPooler(setting));
}

function clientOf(url: string): pg.Client {
  const client = new DatabaseClient({
    connectionString: url,
    application_name: 'auto-ticketing start',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
  });
  client.on('error', () => undefined);
  return client;
}

async function processOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}
