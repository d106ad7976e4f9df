import { rmSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Pool } from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { createPool } from '../../src/db/pool.ts';
import { createCleanups } from '../../src/lib/cleanup.ts';
import { createLog } from '../../src/log/log.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { type Program, startProgram } from '../support/startProgram.ts';
import type { Sizes } from './sizes.ts';
import { type Stubs, startStubs } from './stubs.ts';

/** What a scenario measures against: a Postgres that syncs to disk, stubs of FreeScout and Slack, and processes of the program. */
export interface Environment {
  /** An emptied folder of this scenario. */
  dir: string;
  databaseUrl: string;
  pool: Pool;
  stubs: Stubs;
  /** What could not be measured, and why. */
  remarks: string[];
  /** Shows what is being done; for what takes longer than a few seconds. */
  say(what: string): void;
  /** One more migrated database on the same Postgres. `prepare` is called before it is migrated. */
  database(name: string, prepare?: (url: string) => Promise<void>): Promise<{ url: string; pool: Pool }>;
  /** Starts a process of the built program; ends with the environment. */
  program(args: string[], env?: Record<string, string>): Promise<Program>;
  /** Calls back when the environment stops, last added first. */
  onStop(name: string, stop: () => unknown): void;
  stop(): Promise<void>;
}

const log = createLog({ level: 'silent' });
/** A million rows are added in one statement. */
const PATIENT = { statementMs: 600_000 };

/** `database`: the URL of an empty database that is used instead of a Postgres of this run; `profiles`: see {@link profiled}. */
export async function startEnvironment(
  { latency }: Pick<Sizes, 'latency'>,
  {
    database,
    profiles,
    say,
  }: { database: string | undefined; profiles: string | undefined; say: (what: string) => void },
): Promise<Environment> {
  const cleanups = createCleanups(log);
  try {
    const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-bench-'));
    // Postgres may run as another user, which must be able to enter its folder in this one.
    await chmod(dir, 0o711);
    cleanups.add('folder', () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
    const surfacesFile = join(dir, 'surfaces.yaml');
    await writeFile(surfacesFile, 'surfaces: []\n');

    const databaseUrl = database ?? (await startPostgres());
    await migrate(databaseUrl, log);
    const pool = createPool(databaseUrl, 8, log, PATIENT);
    cleanups.add('pool', () => pool.end());
    const stubs = await startStubs(latency);
    cleanups.add('stubs', () => stubs.stop());

    const settings = {
      DATABASE_URL: databaseUrl,
      DATA_DIR: dir,
      SURFACES_FILE: surfacesFile,
      SOURCE_REQUESTS_PER_MINUTE: '0',
      ...stubs.settings,
      ...(profiles === undefined ? {} : profiled(profiles)),
    };
    return {
      dir,
      databaseUrl,
      pool,
      stubs,
      remarks: [],
      say,
      async database(name, prepare) {
        await pool.query(`create database ${name}`);
        const url = new URL(databaseUrl);
        url.pathname = name;
        await prepare?.(url.href);
        await migrate(url.href, log);
        const more = createPool(url.href, 4, log, PATIENT);
        cleanups.add(`pool of ${name}`, () => more.end());
        return { url: url.href, pool: more };
      },
      async program(args, env = {}) {
        const program = await startProgram(args, { LOG_LEVEL: 'info', ...settings, ...env });
        cleanups.add(`process ${args.join(' ')}`, () => program.stop());
        return program;
      },
      onStop: cleanups.add,
      stop: cleanups.run,
    };

    async function startPostgres(): Promise<string> {
      const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres') });
      cleanups.add('Postgres', () => postgres.stop());
      return postgres.url;
    }
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

/** Settings of a process that writes a profile of its processor time to this folder when it ends. */
const profiled = (folder: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=${new URL('preload/profile.js', import.meta.url).href}`,
  PROFILES_DIR: resolve(folder),
});
