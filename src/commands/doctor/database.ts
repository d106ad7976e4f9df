import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Config } from '../../config/config.ts';
import { explainDatabaseError, OTHER_DATABASE, placeOf, throughPooler } from '../../db/explainDatabaseError.ts';
import { isMigrated } from '../../db/migrate.ts';
import { isSameDatabase } from '../../db/sameDatabase.ts';
import { isTransactionPooler } from '../../db/transactionPooler.ts';
import { failureOf } from '../../lib/failureOf.ts';
import { counted } from '../../lib/terminal.ts';
import { runningPostgres, withPool } from '../withDatabase.ts';
import { checkAuditLog } from './auditLog.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { checkOperations } from './operations.ts';
import { checkSources } from './sources.ts';

const CHECK = 'database';
const OLDEST_MAJOR = 15;
/** A smaller difference may come from the network or a busy machine. */
const MAX_CLOCK_OFFSET_MS = 5_000;

/** The database itself, and the operational state that it stores. */
export async function checkDatabase(config: Config, production: boolean, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const configuredUrl = config.database.directUrl ?? config.database.url;
  // A sandbox that runs in the same folder says nothing about production.
  if (configuredUrl === null && production) {
    return [fail(CHECK, 'DATABASE_URL is not set or not valid, so the database was not checked: set it.')];
  }
  const url = configuredUrl ?? (await runningPostgres(config.dataDir));
  if (url === null) {
    const folder = join(config.dataDir, 'postgres');
    return [
      ok(
        CHECK,
        `DATABASE_URL is not set and the embedded Postgres in ${folder} is not running, so the database was not checked.`,
      ),
    ];
  }
  const setting = config.database.directUrl === null ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL';
  const others = [await checkPooler(config), await checkReader(config)].filter((finding) => finding !== null);
  try {
    if (await isTransactionPooler(url)) {
      return [fail(CHECK, throughPooler(setting)), ...others];
    }
    return [...(await withPool(url, (pool) => inspect(pool, { config, production, url, env }))), ...others];
  } catch (error) {
    return [fail(CHECK, sentenceFor(error, url, setting)), ...others];
  }
}

/** The address of all statements, if the server itself has another one. A failure of that one is reported elsewhere. */
async function checkPooler({ database: { url, directUrl } }: Config): Promise<Finding | null> {
  if (url === null || directUrl === null) return null;
  const name = 'database pooler';
  return withPool(
    url,
    async (pool) => {
      const error = await failureOf(pool.query('select'));
      if (error !== null) return fail(name, sentenceFor(error, url, 'DATABASE_URL'));
      const isSame = await withPool(directUrl, (direct) => isSameDatabase(pool, direct)).catch(() => null);
      if (isSame === false) return fail(name, OTHER_DATABASE);
      return ok(name, `The database ${placeOf(url)} answers${isSame ? ', and is that of DATABASE_DIRECT_URL' : ''}.`);
    },
    { throughPooler: true },
  );
}

async function checkReader({ database: { readerUrl } }: Config): Promise<Finding | null> {
  if (readerUrl === null) return null;
  const name = 'database of lists';
  const error = await withPool(readerUrl, (pool) => failureOf(pool.query('select')), { throughPooler: true });
  if (error === null) return ok(name, `The database ${placeOf(readerUrl)} answers.`);
  return fail(name, `${sentenceFor(error, readerUrl, 'DATABASE_READER_URL')} Until then lists are not available.`);
}

const sentenceFor = (error: unknown, url: string, setting: string): string =>
  explainDatabaseError(error, url, setting) ?? `The database ${placeOf(url)} cannot be checked: ${String(error)}`;

async function inspect(
  pool: Pool,
  { config, production, url, env }: { config: Config; production: boolean; url: string; env: NodeJS.ProcessEnv },
): Promise<Finding[]> {
  const sentAt = Date.now();
  const { rows } = await pool.query<{ version: string; name: string; at: Date }>(
    "select current_setting('server_version_num') as version, current_setting('server_version') as name, clock_timestamp() as at",
  );
  const receivedAt = Date.now();
  const major = Math.floor(Number(rows[0]?.version) / 10_000);
  const offMs = (rows[0]?.at.getTime() ?? 0) - (sentAt + receivedAt) / 2;
  const migrated = await isMigrated(pool);
  return [
    ok(CHECK, `The database ${placeOf(url)} answers in ${receivedAt - sentAt} ms.`),
    major >= OLDEST_MAJOR
      ? ok('database version', `PostgreSQL ${rows[0]?.name}.`)
      : fail('database version', `PostgreSQL ${rows[0]?.name} is too old: use ${OLDEST_MAJOR} or newer.`),
    clock(offMs),
    schema(migrated, production),
    ...(migrated
      ? [
          ...(await checkOperations(pool, config)),
          ...(await checkAuditLog(pool, config, production)),
          ...(await checkSources(pool, config, env)),
        ]
      : []),
  ];
}

function clock(offMs: number): Finding {
  const off = counted(Math.round(Math.abs(offMs) / 1000), 'second');
  if (Math.abs(offMs) <= MAX_CLOCK_OFFSET_MS)
    return ok('clocks', 'The clocks of the database and of this machine agree.');
  const direction = offMs > 0 ? 'ahead of' : 'behind';
  return warn(
    'clocks',
    `The clock of the database is ${off} ${direction} the clock of this machine. The console uses the database's: check NTP on both.`,
  );
}

function schema(migrated: boolean, production: boolean): Finding {
  if (migrated) return ok('database schema', 'The schema is up to date.');
  return production
    ? fail(
        'database schema',
        'The database is not migrated, and web and worker wait until it is: run "auto-ticketing migrate".',
      )
    : warn('database schema', 'The database is not migrated. The program migrates it when it starts.');
}
