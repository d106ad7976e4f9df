import type pg from 'pg';
import { withTimeout } from '../lib/withTimeout.ts';

const CLOSE_MS = 1_000;

/** Ends a connection, also to a server that does not answer any more. */
export async function closeConnection(client: pg.Client): Promise<void> {
  await withTimeout(CLOSE_MS, client.end(), () => new Error('no answer')).catch(() => undefined);
  client.connection.stream.destroy();
}
