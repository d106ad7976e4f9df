import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations as migrateWorker, Logger as WorkerLogger } from 'graphile-worker';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { packageRoot } from '../lib/packageRoot.ts';
import type { Log } from '../log/log.ts';

/** One numbered SQL file per migration; there are no down migrations. */
const MIGRATIONS = join(packageRoot, 'src', 'db', 'migrations');
/** The table of applied migrations. */
const LEDGER = { schema: 'public', table: 'schema_migrations' };
const LEDGER_NAME = `${LEDGER.schema}.${LEDGER.table}`;
/** Key of the advisory lock; arbitrary, but unique in this database. */
const LOCK = 4_118_209_355;
const CONNECT_MS = 10_000;
const LOCK_POLL_MS = 50;

/**
 * Migrates the database to the schema of this release; does nothing where it is at or beyond it. All pending migrations
 * run in one transaction. Any number of processes may call this at once: one migrates, the others wait. An abort ends
 * the wait; a migration that has begun is finished.
 */
export async function migrate(url: string, log: Log, stopping?: AbortSignal): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'auto-ticketing migrate',
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A lost connection fails the statement in flight; without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('set statement_timeout = 0');
    await lock(client, log, stopping);
    stopping?.throwIfAborted();
    // The schema of graphile-worker comes first, so that a database with all of our migrations has it too.
    await migrateWorker({ connectionString: url, maxPoolSize: 1, logger: workerLogger(log) });
    const steps = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      ignorePattern: '(?!.*\\.sql$).*',
      migrationsSchema: LEDGER.schema,
      migrationsTable: LEDGER.table,
      direction: 'up',
      singleTransaction: true,
      noLock: true,
      logger: runnerLogger(log),
    });
    if (steps.length > 0) log.info({ steps: steps.map(({ name }) => name) }, 'database migrated');
  } finally {
    await client.end();
  }
}

/** Whether all migrations of this release are applied; a newer release may have applied more. */
export async function isMigrated(pool: pg.Pool): Promise<boolean> {
  const { rows: ledgers } = await pool.query<{ ledger: string | null }>('select to_regclass($1) as ledger', [
    LEDGER_NAME,
  ]);
  if (!ledgers[0]?.ledger) return false;
  const { rows } = await pool.query<{ name: string }>(`select name from ${LEDGER_NAME}`);
  const taken = new Set(rows.map(({ name }) => name));
  const files = await readdir(MIGRATIONS);
  return files.filter((file) => extname(file) === '.sql').every((file) => taken.has(basename(file, '.sql')));
}

/** Held until the connection closes. Polled, because a statement that waits for the lock would block index builds. */
async function lock(client: pg.Client, log: Log, stopping?: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
    if (rows[0]?.taken) return;
    if (attempt === 1) log.debug('another process is migrating the database; waiting for it');
    await sleep(LOCK_POLL_MS, undefined, { signal: stopping });
  }
}

/** The runner logs every file, and the whole SQL of a failure; the error that it throws is enough. */
function runnerLogger(log: Log) {
  const debug = (message: string): void => log.debug(message);
  return { debug, info: debug, warn: debug, error: debug };
}

function workerLogger(log: Log): WorkerLogger {
  return new WorkerLogger(() => (level, message) => {
    if (level === 'error' || level === 'warning') log.warn(message);
    else log.debug(message);
  });
}
