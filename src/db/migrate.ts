import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations as migrateWorker, Logger as WorkerLogger } from 'graphile-worker';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import { memoizeFor } from '../lib/memoizeFor.ts';
import { packageRoot } from '../lib/packageRoot.ts';
import type { Log } from '../log/log.ts';
import { isContention } from './contention.ts';
import { ExplainedError } from './explainDatabaseError.ts';
import { withMigrationClient, withMigrationPool } from './migrationClient.ts';
import { setStatements } from './session.ts';

/** One numbered SQL file per migration; there are no down migrations. */
const MIGRATIONS = join(packageRoot, 'src', 'db', 'migrations');
/** The table of applied migrations. */
const LEDGER = { schema: 'public', table: 'schema_migrations' };
const LEDGER_NAME = `${LEDGER.schema}.${LEDGER.table}`;
/** Key of the advisory lock; arbitrary, but unique in this database. */
const LOCK = 4_118_209_355;
const LOCK_POLL_MS = 50;
/** A statement that waits for a lock holds up everybody behind it, and these give up after three times as long. */
const LOCK_MS = 1_000;
/** In a pause, those that waited behind the migration get their turn. */
const PAUSE_MS = 2_000;
const ATTEMPTS = 5;
/** A process that stands still while it holds the lock would keep every later migration waiting. */
const IDLE_MS = 120_000;
/** A wait for another process that takes longer is logged. */
const PATIENCE_MS = 5_000;

interface MigrateOptions {
  /** Ends the wait for another process or for a lock; a migration that has begun is finished. */
  stopping?: AbortSignal | undefined;
  /** How long a statement waits for a lock, and the pause before the next attempt. */
  lockMs?: number;
  pauseMs?: number;
  /** After how long without a statement the database ends this session, which releases the lock. */
  idleMs?: number;
  /** After how long the wait for another process is logged. */
  patienceMs?: number;
}

/**
 * Migrates the database to the schema of this release; does nothing if it is at or beyond it. All pending migrations
 * run in one transaction. Any number of processes may call this at once: one migrates, the others wait. If others use
 * the tables for long, it fails after a few attempts and changes nothing.
 */
export async function migrate(url: string, log: Log, options: MigrateOptions = {}): Promise<void> {
  const { stopping, lockMs = LOCK_MS, idleMs = IDLE_MS } = options;
  await withMigrationClient(url, async (client) => {
    await client.query(setStatements({ statement_timeout: 0, lock_timeout: lockMs, idle_session_timeout: idleMs }));
    await lock(client, log, options);
    stopping?.throwIfAborted();
    // The schema of graphile-worker comes first, so that a database with all of our migrations has it too.
    await whileInUse(client, idleMs / 4, () =>
      withMigrationPool(url, (pgPool) => migrateWorker({ pgPool, logger: workerLogger(log) })),
    );
    const steps = await applyPatiently(client, log, options);
    if (steps.length > 0) log.info({ steps }, 'database migrated');
  });
}

/** Applies the pending migrations and returns their names. An attempt that does not get its locks changes nothing. */
async function applyPatiently(
  client: pg.Client,
  log: Log,
  { stopping, pauseMs = PAUSE_MS }: MigrateOptions,
): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await apply(client, log);
    } catch (error) {
      if (!isContention(error)) throw error;
      if (attempt === ATTEMPTS) throw new ExplainedError(IN_USE, { cause: error });
      log.warn({ attempt, err: error }, 'database not migrated because others use its tables; will retry');
      await sleep(pauseMs, undefined, { signal: stopping });
    }
  }
}

const IN_USE =
  'The database was not migrated, and nothing was changed: another session has used its tables for too long, a pg_dump ' +
  'for example. Wait until that has ended, or end it, and run auto-ticketing migrate again.';

async function apply(client: pg.Client, log: Log): Promise<string[]> {
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
  return steps.map(({ name }) => name);
}

/** Whether all migrations of this release are applied; a newer release may have applied more. */
export async function isMigrated(pool: pg.Pool): Promise<boolean> {
  const { rows: ledgers } = await pool.query<{ ledger: string | null }>('select to_regclass($1) as ledger', [
    LEDGER_NAME,
  ]);
  if (!ledgers[0]?.ledger) return false;
  const { rows } = await pool.query<{ name: string }>(`select name from ${LEDGER_NAME}`);
  const taken = new Set(rows.map(({ name }) => name));
  return (await migrationFiles()).every((file) => taken.has(basename(file, '.sql')));
}

/** The names of the tables that the migrations of this release create; some are gone since. */
export const tablesOfRelease = memoizeFor(Number.POSITIVE_INFINITY, async (): Promise<string[]> => {
  const files = await migrationFiles();
  const texts = await Promise.all(files.map((file) => readFile(join(MIGRATIONS, file), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(/^create table (\w+)/gm)].map(([, name = '']) => name));
});

async function migrationFiles(): Promise<string[]> {
  return (await readdir(MIGRATIONS)).filter((file) => extname(file) === '.sql');
}

/** Held until the connection closes. Polled, because a statement that waits for the lock would block index builds. */
async function lock(
  client: pg.Client,
  log: Log,
  { stopping, patienceMs = PATIENCE_MS }: MigrateOptions,
): Promise<void> {
  const began = performance.now();
  for (let logged = false; ; ) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
    if (rows[0]?.taken) {
      if (logged) log.info('the other process no longer migrates the database; going on');
      return;
    }
    if (!logged && performance.now() - began >= patienceMs) {
      log.warn('another process is migrating the database; waiting for it');
      logged = true;
    }
    await sleep(LOCK_POLL_MS, undefined, { signal: stopping });
  }
}

/** Keeps this session from being idle while the work uses another one. */
async function whileInUse<T>(client: pg.Client, intervalMs: number, work: () => Promise<T>): Promise<T> {
  // A lost session fails the next statement of the migration itself.
  const timer = setInterval(() => void client.query('select 1').catch(() => undefined), intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
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
