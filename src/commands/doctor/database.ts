import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Config } from '../../config/config.ts';
import { isMigrated } from '../../db/migrate.ts';
import { counted } from '../../lib/terminal.ts';
import { databaseError, placeOf } from '../databaseError.ts';
import { runningPostgres, withPool } from '../withDatabase.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { checkOperations } from './standing.ts';

const CHECK = 'database';
const OLDEST = 15;
/** More than the trip to the database and a busy machine explain. */
const CLOCK_MS = 5_000;

/** The database, and what it says of flags, dead letters and checks. */
export async function checkDatabase(config: Config, production: boolean): Promise<Finding[]> {
  const url = config.database.url ?? (await runningPostgres(config.dataDir));
  if (url === null) {
    const folder = join(config.dataDir, 'postgres');
    const says = `DATABASE_URL is not set and the embedded Postgres in ${folder} does not run now, so nothing in it was looked at.`;
    return [production ? fail(CHECK, says) : ok(CHECK, says)];
  }
  try {
    return await withPool(url, (pool) => look(pool, { config, production, url }));
  } catch (error) {
    return [fail(CHECK, databaseError(error, url)?.message ?? `The database ${placeOf(url)} fails: ${String(error)}`)];
  }
}

async function look(
  pool: Pool,
  { config, production, url }: { config: Config; production: boolean; url: string },
): Promise<Finding[]> {
  const asked = Date.now();
  const { rows } = await pool.query<{ version: string; name: string; at: Date }>(
    "select current_setting('server_version_num') as version, current_setting('server_version') as name, clock_timestamp() as at",
  );
  const answered = Date.now();
  const major = Math.floor(Number(rows[0]?.version) / 10_000);
  const offMs = (rows[0]?.at.getTime() ?? 0) - (asked + answered) / 2;
  const migrated = await isMigrated(pool);
  return [
    ok(CHECK, `The database ${placeOf(url)} answers in ${answered - asked} ms.`),
    major >= OLDEST
      ? ok('database version', `PostgreSQL ${rows[0]?.name}.`)
      : fail('database version', `PostgreSQL ${rows[0]?.name} is too old: use ${OLDEST} or newer.`),
    clock(offMs),
    schema(migrated, production),
    ...(migrated ? await checkOperations(pool, config) : []),
  ];
}

function clock(offMs: number): Finding {
  const off = counted(Math.round(Math.abs(offMs) / 1000), 'second');
  if (Math.abs(offMs) <= CLOCK_MS) return ok('clocks', "The database's clock and ours agree.");
  const direction = offMs > 0 ? 'ahead of' : 'behind';
  return warn(
    'clocks',
    `The database's clock is ${off} ${direction} ours, and its time is the one that counts: check NTP on both.`,
  );
}

function schema(migrated: boolean, production: boolean): Finding {
  if (migrated) return ok('database schema', 'It is the schema of this release.');
  return production
    ? fail(
        'database schema',
        'The database is not migrated, and web and worker wait for it: run "auto-ticketing migrate".',
      )
    : warn('database schema', 'The database is not migrated; the program does it when it starts.');
}
