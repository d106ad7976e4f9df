import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../../src/db/migrate.ts';
import { createCleanups } from '../../src/lib/cleanup.ts';
import { createLog } from '../../src/log/log.ts';
import { freePort } from '../support/freePort.ts';
import { installClock, recordRealInstants } from './databaseClock.ts';
import { type Dependencies, startDependencies } from './dependencies.ts';
import { type Fleet, startFleet } from './fleet.ts';
import type { ProcessPlan } from './fleetOptions.ts';
import { count, type Ledger } from './ledger.ts';
import { type LinkedDatabase, startLinkedDatabase } from './linkedDatabase.ts';
import { FREESCOUT_TIMEOUT_MS, programSettings } from './programSettings.ts';
import type { Random } from './random.ts';
import { addressOf, preloadsOf } from './releases.ts';
import { dropVersions, watchReleases } from './releaseWatch.ts';
import { ALL_SOURCES, SOURCE_SETTINGS } from './sources.ts';
import { PARKED, surfacesOf } from './surfacesFile.ts';
import { type Gateways, startGateways } from './webhooks/gateways.ts';

/** The program as in production, with its database and its dependencies, on loopback. */
export interface Environment {
  database: LinkedDatabase;
  fleet: Fleet;
  dependencies: Dependencies;
  webs: string[];
  gateways: Gateways;
  tokens: ReadonlyMap<string, string>;
  adminToken: string;
  surfaceIds: string[];
  stop(): Promise<void>;
}

export const CONTROLS = ['no-lookup', 'no-lock', 'no-event-id', 'early-answer', 'no-version'] as const;
export type Control = (typeof CONTROLS)[number];

export const WEBS = 2;
export const WORKERS = 3;
export const SURFACES = 8;

/** Of a process that left an event to one of a newer release. */
const SAYS_NEWER_WAITS = 'an actor of a newer release waits for a process of that release';

/** The end of a process is noticed within this time. */
const NOTICED_WITHIN_MS = 2_000;

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
    await watchReleases(database.server);
    if (control === 'no-version') await dropVersions(database.server);
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
    await writeFile(surfacesFile, JSON.stringify(surfacesOf(dependencies, SOURCE_SETTINGS)));

    const draw = random('secrets');
    const tokens = new Map<string, string>(ALL_SOURCES.map((source) => [source, `${source}-${draw.hex(24)}`]));
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
      preloads: preloadsFor(control),
      restartMs: () => restarts.between(100, 1_500),
      isDatabaseAway: database.isAway,
      ofRelease: (release, { env: { DATABASE_URL = '' } }) => ({
        preloads: preloadsOf(release),
        env: { DATABASE_URL: addressOf(DATABASE_URL, release) },
      }),
      onEntry({ msg }) {
        if (msg === SAYS_NEWER_WAITS) ledger.newerReports += 1;
      },
      onKilledAt(step) {
        const at = Date.now();
        count(ledger.counts, `fault: ${step}`);
        ledger.unrecordable.push({ from: at - NOTICED_WITHIN_MS, until: at });
      },
    });
    cleanups.add('fleet', () => fleet.stop());
    const webs = fleet.processes.flatMap(({ url }) => (url === null ? [] : [url]));
    const gateways = await startGateways({
      ...{ webs, ledger, random: random('gateways') },
      isFaulty: dependencies.isFaulty,
    });
    cleanups.add('gateways', () => gateways.stop());

    return {
      database,
      fleet,
      dependencies,
      webs,
      gateways,
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

/** The look-up is disabled in the proxy, and the versions of jobs in the database. */
const WITHOUT_PRELOAD: readonly (Control | null)[] = [null, 'no-lookup', 'no-version'];

/** Plain JavaScript, because the program runs without a TypeScript loader. */
const preloadsFor = (control: Control | null): URL[] =>
  ['clock', 'killPoint', ...(WITHOUT_PRELOAD.includes(control) ? [] : [control])].map(
    (name) => new URL(`preload/${name}.js`, import.meta.url),
  );
