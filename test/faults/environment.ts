import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../../src/db/migrate.ts';
import { createCleanups } from '../../src/lib/cleanup.ts';
import { createLog } from '../../src/log/log.ts';
import { freePort } from '../support/freePort.ts';
import { installClock, recordRealInstants } from './databaseClock.ts';
import { type Dependencies, startDependencies } from './dependencies.ts';
import { type Fleet, type ProcessPlan, startFleet } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import { type LinkedDatabase, startLinkedDatabase } from './linkedDatabase.ts';
import { FREESCOUT_TIMEOUT_MS, programSettings } from './programSettings.ts';
import type { Random } from './random.ts';
import { PARKED, surfacesOf } from './surfacesFile.ts';

/** The program as in production, with its database and its dependencies, on loopback. */
export interface Environment {
  database: LinkedDatabase;
  fleet: Fleet;
  dependencies: Dependencies;
  webs: string[];
  tokens: ReadonlyMap<string, string>;
  adminToken: string;
  surfaceIds: string[];
  stop(): Promise<void>;
}

/** The last one speaks once: it sends each change until it is accepted, and never repeats an active alert. */
const ONCE = 'once';
export const SOURCES = ['alpha', 'beta', 'gamma', ONCE] as const;
export const REPEATING_SOURCES = SOURCES.slice(0, -1);
export const CONTROLS = ['no-lookup', 'no-lock', 'no-event-id'] as const;
export type Control = (typeof CONTROLS)[number];

export const WEBS = 2;
export const WORKERS = 3;
export const SURFACES = 8;

const silent = createLog({ level: 'silent' });

export interface EnvironmentOptions {
  /** An empty folder, which the caller deletes. */
  dir: string;
  ledger: Ledger;
  random(what: string): Random;
  control: Control | null;
  /** Whether the database has a standby. */
  standby: boolean;
}

export async function startEnvironment({
  dir,
  ledger,
  random,
  control,
  standby,
}: EnvironmentOptions): Promise<Environment> {
  const cleanups = createCleanups(silent);
  try {
    await mkdir(join(dir, 'logs'));
    const database = await startLinkedDatabase(join(dir, 'postgres'));
    cleanups.add('database', () => database.stop());
    await installClock(database.server.url);
    await migrate(database.server.url, silent);
    await recordRealInstants(database.server.url);
    if (standby) await database.server.addStandby();

    const surfaceIds = Array.from({ length: SURFACES }, (_, n) => `service-${n + 1}`);
    const dependencies = await startDependencies({
      ledger,
      random,
      freescoutTimeoutMs: FREESCOUT_TIMEOUT_MS,
      surfaceIds: [...surfaceIds, PARKED],
      blindLookUp: control === 'no-lookup',
    });
    cleanups.add('dependencies', () => dependencies.stop());
    const surfacesFile = join(dir, 'surfaces.yaml');
    await writeFile(surfacesFile, JSON.stringify(surfacesOf(dependencies, ONCE)));

    const draw = random('secrets');
    const tokens = new Map<string, string>(SOURCES.map((source) => [source, `${source}-${draw.hex(24)}`]));
    const adminToken = `admin-${draw.hex(24)}`;
    const env = programSettings({
      dependencies,
      surfacesFile,
      tokens,
      adminToken,
      secret: draw.hex(40),
    });
    const restarts = random('restarts');
    const fleet = startFleet({
      processes: await planProcesses(env, database),
      dir: join(dir, 'logs'),
      preloads: preloadsOf(control),
      restartMs: () => restarts.between(100, 1_500),
      isDatabaseAway: database.isAway,
    });
    cleanups.add('fleet', () => fleet.stop());

    return {
      database,
      fleet,
      dependencies,
      webs: fleet.processes.flatMap(({ url }) => (url === null ? [] : [url])),
      tokens,
      adminToken,
      surfaceIds,
      stop: () => cleanups.run(),
    };
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function planProcesses(env: Record<string, string>, database: LinkedDatabase): Promise<ProcessPlan[]> {
  const plans: ProcessPlan[] = [];
  for (let n = 1; n <= WEBS; n += 1) {
    const name = `web-${n}`;
    // A web process has the same port after each restart.
    const port = await freePort();
    const own = { ...env, DATABASE_URL: await database.link(name), PORT: String(port) };
    plans.push({ name, args: ['web'], env: own, url: `http://127.0.0.1:${port}` });
  }
  for (let n = 1; n <= WORKERS; n += 1) {
    const name = `worker-${n}`;
    plans.push({ name, args: ['worker'], env: { ...env, DATABASE_URL: await database.link(name) }, url: null });
  }
  return plans;
}

/** Plain JavaScript, because the program runs without a TypeScript loader. The look-up is disabled in the proxy. */
const preloadsOf = (control: Control | null): URL[] =>
  ['clock', ...(control === 'no-lock' || control === 'no-event-id' ? [control] : [])].map(
    (name) => new URL(`preload/${name}.js`, import.meta.url),
  );
