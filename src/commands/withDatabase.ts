import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { migrateAsOwner } from '../app/migrateAsOwner.ts';
import { DatabaseClient } from '../db/client.ts';
import { isMigrated } from '../db/migrate.ts';
import { createPool, type PoolOptions } from '../db/pool.ts';
import { CommandError, type Terminal } from '../lib/terminal.ts';
import { createLog } from '../log/log.ts';
import { databaseError } from './databaseError.ts';
import type { DatabaseSettings } from './databaseSettings.ts';

const silentLog = createLog({ level: 'silent' });
const CONNECTIONS = 3;
const CONNECT_MS = 3_000;

/**
 * Runs `task` with the address of the configured database: DATABASE_URL, else the embedded Postgres of a program that
 * runs with this DATA_DIR, else one that is started for the duration of the task. Throws CommandError if the database
 * cannot be used.
 */
export async function withDatabaseUrl<T>(
  settings: Pick<DatabaseSettings, 'url' | 'setting' | 'dataDir'>,
  terminal: Terminal,
  task: (url: string) => Promise<T>,
): Promise<T> {
  const server = await findServer(settings, terminal);
  try {
    return await task(server.url);
  } catch (error) {
    throw databaseError(error, server.url, settings.setting) ?? error;
  } finally {
    await server.stop();
  }
}

/**
 * Runs `task` with a pool on the configured database, which is migrated first outside production. In production the
 * release step migrates, and a database that is not migrated is a CommandError.
 */
export function withMigratedDatabase<T>(
  settings: DatabaseSettings,
  terminal: Terminal,
  task: (pool: pg.Pool) => Promise<T>,
): Promise<T> {
  return withDatabaseUrl(settings, terminal, async (url) => {
    const { production, setting, auditDays } = settings;
    if (!production) await migrateAsOwner({ url, setting }, settings, { auditDays, log: silentLog });
    return withPool(url, async (pool) => {
      if (!(await isMigrated(pool))) {
        throw new CommandError('The database is not migrated: run "auto-ticketing migrate" first.');
      }
      return task(pool);
    });
  });
}

/** The database may be a standby: most commands only read, and the others fail with the reason. */
export async function withPool<T>(
  url: string,
  task: (pool: pg.Pool) => Promise<T>,
  options: Pick<PoolOptions, 'throughPooler'> = {},
): Promise<T> {
  const pool = createPool(url, CONNECTIONS, silentLog, { mayBeStandby: true, ...options });
  try {
    return await task(pool);
  } finally {
    await pool.end();
  }
}

interface Server {
  /** Contains the password: never print it. */
  url: string;
  stop(): Promise<void>;
}

async function findServer(
  { url, dataDir }: Pick<DatabaseSettings, 'url' | 'dataDir'>,
  terminal: Terminal,
): Promise<Server> {
  const running = url ?? (await runningPostgres(dataDir));
  if (running !== null) return alreadyRunning(running);
  terminal.err('Starting Postgres …');
  try {
    const { startEmbeddedPostgres } = await import('../sandbox/postgres/embedded.ts');
    return await startEmbeddedPostgres({ dir: join(dataDir, 'postgres') });
  } catch (error) {
    // A program that started at the same moment may have been faster. Its Postgres can be shared.
    const started = await runningPostgres(dataDir);
    if (started === null) throw error;
    return alreadyRunning(started);
  }
}

const alreadyRunning = (url: string): Server => ({ url, stop: async () => undefined });

/** The address of the embedded Postgres that another process runs in this DATA_DIR; null if none accepts connections. */
export async function runningPostgres(dataDir: string): Promise<string | null> {
  const dir = join(dataDir, 'postgres');
  // A folder that the user of Postgres cannot read is moved elsewhere, and a link leads to the new place.
  const home = await readlink(join(dir, 'moved-to')).catch(() => dir);
  const read = (...path: string[]) => readFile(join(home, ...path), 'utf8').catch(() => null);
  const [lock, password] = await Promise.all([read('data', 'postmaster.pid'), read('password')]);
  // The fourth line of a server's lock file is its port.
  const port = Number(lock?.split('\n')[3]);
  if (password === null || !Number.isInteger(port) || port < 1) return null;
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  return (await acceptsConnections(url)) ? url : null;
}

async function acceptsConnections(url: string): Promise<boolean> {
  const client = new DatabaseClient({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
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
