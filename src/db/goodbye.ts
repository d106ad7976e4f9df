import type pg from 'pg';
import { withTimeout } from '../lib/withTimeout.ts';

const GOODBYE_MS = 1_000;

/** Ends a connection, also to a server that has fallen silent and does not answer the goodbye either. */
export async function goodbye(client: pg.Client): Promise<void> {
  await withTimeout(GOODBYE_MS, client.end(), () => new Error('no goodbye')).catch(() => undefined);
  client.connection.stream.destroy();
}
