import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { isMigrated, migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import { CommandError, type Terminal } from '../lib/terminal.ts';
import { createLog } from '../log/log.ts';
import { databaseError } from './databaseError.ts';
import type { DatabaseSettings } from './databaseSettings.ts';

const quiet = createLog({ level: 'silent' });
const CONNECTIONS = 3;
const CONNECT_MS = 3_000;

/**
 * Does some work on the database of the settings: on DATABASE_URL, else on the embedded Postgres of a program that
 * runs on this DATA_DIR, else on one that is started for as long as the work takes. What the database cannot do
 * is thrown as CommandError.
 */
export async function withServer<T>(
  settings: DatabaseSettings,
  terminal: Terminal,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const server = await findServer(settings, terminal);
  try {
    return await work(server.url);
  } catch (error) {
    throw databaseError(error, server.url) ?? error;
  } finally {
    await server.stop();
  }
}

/** The same with a pool on a migrated database: in production migrating is left to the release step, elsewhere it is done. */
export function withDatabase<T>(
  settings: DatabaseSettings,
  terminal: Terminal,
  work: (pool: pg.Pool) => Promise<T>,
): Promise<T> {
  return withServer(settings, terminal, async (url) => {
    if (!settings.production) await migrate(url, quiet);
    return withPool(url, async (pool) => {
      if (!(await isMigrated(pool))) {
        throw new CommandError('The database is not migrated: run "auto-ticketing migrate" first.');
      }
      return work(pool);
    });
  });
}

export async function withPool<T>(url: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, CONNECTIONS, quiet);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

interface Server {
  /** Carries the password: never print it. */
  url: string;
  stop(): Promise<void>;
}

async function findServer({ url, dataDir }: DatabaseSettings, terminal: Terminal): Promise<Server> {
  const running = url ?? (await runningPostgres(dataDir));
  if (running !== null) return borrowed(running);
  terminal.err('Starting Postgres …');
  try {
    const { startEmbeddedPostgres } = await import('../sandbox/postgres/embedded.ts');
    return await startEmbeddedPostgres({ dir: join(dataDir, 'postgres') });
  } catch (error) {
    // A program that started in the same moment was faster, and has room for us too.
    const faster = await runningPostgres(dataDir);
    if (faster === null) throw error;
    return borrowed(faster);
  }
}

const borrowed = (url: string): Server => ({ url, stop: async () => undefined });

/** The address of the embedded Postgres that another process keeps under this DATA_DIR; null where none lets us in. */
export async function runningPostgres(dataDir: string): Promise<string | null> {
  const dir = join(dataDir, 'postgres');
  // Where the folder lies in a private place, the files were moved and a link says whereto.
  const home = await readlink(join(dir, 'moved-to')).catch(() => dir);
  const read = (...path: string[]) => readFile(join(home, ...path), 'utf8').catch(() => null);
  const [lock, password] = await Promise.all([read('data', 'postmaster.pid'), read('password')]);
  // The fourth line of a server's lock file is its port.
  const port = Number(lock?.split('\n')[3]);
  if (password === null || !Number.isInteger(port) || port < 1) return null;
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  return (await letsUsIn(url)) ? url : null;
}

async function letsUsIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
