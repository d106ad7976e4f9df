import type pg from 'pg';
import { DatabaseClient } from './client.ts';

const CONNECT_MS = 10_000;

/** Runs the task of a release step on a connection of its own, which is closed afterwards. */
export async function withMigrationClient<T>(url: string, task: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new DatabaseClient({
    connectionString: url,
    application_name: 'auto-ticketing migrate',
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A lost connection fails the statement in flight; without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await task(client);
  } finally {
    await client.end();
  }
}
