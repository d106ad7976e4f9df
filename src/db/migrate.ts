import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations as migrateWorker, Logger as WorkerLogger } from 'graphile-worker';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { packageRoot } from '../lib/packageRoot.ts';
import type { Log } from '../log/log.ts';

/** One numbered, up-only SQL file for each step of the schema. */
const MIGRATIONS = join(packageRoot, 'src', 'db', 'migrations');
/** Which steps were taken. */
const LEDGER = { schema: 'public', table: 'schema_migrations' };
const LEDGER_NAME = `${LEDGER.schema}.${LEDGER.table}`;
/** Any number will do, as long as no other program takes the same advisory lock in this database. */
const LOCK = 4_118_209_355;
const CONNECT_MS = 10_000;
const LOCK_POLL_MS = 50;

/**
 * Brings the database to the schema of this release; does nothing to one that is there already or beyond. All pending
 * steps are one transaction. Any number of processes may call this at once: one works, the others wait for it.
 */
export async function migrate(url: string, log: Log): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'auto-ticketing migrate',
    connectionTimeoutMillis: CONNECT_MS,
  });
  // The loss of the connection fails the statement in flight; the event alone must not end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('set statement_timeout = 0');
    await lock(client, log);
    // The worker's schema goes first, so that a database which has all of our steps has the worker's too.
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

/** True when every step of this release is in the database, whatever else a newer release has added to it. */
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

/** Held until the connection closes. Asked for again and again, since a waiting statement would block index builds. */
async function lock(client: pg.Client, log: Log): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
    if (rows[0]?.taken) return;
    if (attempt === 1) log.debug('another process is migrating the database; waiting for it');
    await sleep(LOCK_POLL_MS);
  }
}

/** The runner tells of every file, and of a failure the whole SQL; the error that it throws says enough. */
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
