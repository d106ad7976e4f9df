import type pg from 'pg';
import { DatabaseClient, refuseStandby } from './client.ts';
import { closeConnection } from './closeConnection.ts';
import { CLIENT_KEEPALIVES, withSessionSettings } from './session.ts';

const ANSWER_MS = 3_000;
/** Longer than the work takes: a process that stands still in its middle must not keep the others from it. */
const LONGEST_WORK_MS = 120_000;

/**
 * Runs the work under a lock for all processes; returns null at once where another process holds the lock. It is a
 * session lock on a connection of its own, so it ends with the process that holds it. `databaseUrl` must be direct.
 * The lock is free for the next caller when this returns, although the server may end the session a moment later.
 */
export async function withFleetLock<T>(databaseUrl: string, name: string, work: () => Promise<T>): Promise<T | null> {
  const client = new DatabaseClient({
    connectionString: withSessionSettings(databaseUrl, { idle_session_timeout: LONGEST_WORK_MS }),
    application_name: 'auto-ticketing lock',
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    ...CLIENT_KEEPALIVES,
  });
  // The loss of this connection is noticed by the next run; the work is harmless when two processes do it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    refuseStandby(client);
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
      [name],
    );
    if (!rows[0]?.taken) return null;
    try {
      return await work();
    } finally {
      await unlock(client, name);
    }
  } finally {
    await closeConnection(client);
  }
}

/** Where the connection is lost, the server unlocks at the end of the session. */
const unlock = (client: pg.Client, name: string): Promise<unknown> =>
  client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => undefined);
