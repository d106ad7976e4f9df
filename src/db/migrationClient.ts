import pg from 'pg';
import { DatabaseClient } from './client.ts';
import { CLIENT_KEEPALIVES, SET_SERVER_LIMITS } from './session.ts';

const CONNECT_MS = 10_000;

const optionsFor = (url: string) => ({
  connectionString: url,
  application_name: 'auto-ticketing migrate',
  connectionTimeoutMillis: CONNECT_MS,
  ...CLIENT_KEEPALIVES,
});

/**
 * Runs the task of a release step on a connection of its own, which is closed afterwards. If this process stands still
 * within a transaction, or its host vanishes, the database ends the connection: its locks would stop all other processes.
 */
export async function withMigrationClient<T>(url: string, task: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new DatabaseClient(optionsFor(url));
  // A lost connection fails the statement in flight; without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(SET_SERVER_LIMITS);
    return await task(client);
  } finally {
    await client.end();
  }
}

/** The same with a pool of one connection, for a library that needs a pool. */
export async function withMigrationPool<T>(url: string, task: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({
    Client: DatabaseClient,
    ...optionsFor(url),
    max: 1,
    onConnect: (client) => client.query(SET_SERVER_LIMITS),
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    return await task(pool);
  } finally {
    await pool.end();
  }
}
