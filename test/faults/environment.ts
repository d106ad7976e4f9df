import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../../src/db/migrate.ts';
import { createCleanups } from '../../src/lib/cleanup.ts';
import { createLog } from '../../src/log/log.ts';
import { freePort } from '../support/freePort.ts';
import { type RestartableDatabase, startRestartableDatabase } from './database.ts';
import { type Dependencies, startDependencies } from './dependencies.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { LATEST_EFFECT_MS } from './injectFault.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

/** The program as in production, with its database and its dependencies, on loopback. */
export interface Environment {
  database: RestartableDatabase;
  /** Cuts every database connection of the program. The fleet tolerates processes that end because of it. */
  cutConnections(): Promise<void>;
  /** Ends and restarts the database. The fleet tolerates processes that end meanwhile because of it. */
  restartDatabase(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  fleet: Fleet;
  dependencies: Dependencies;
  webs: string[];
  tokens: ReadonlyMap<string, string>;
  adminToken: string;
  surfaceIds: string[];
  stop(): Promise<void>;
}

export const SOURCES = ['alpha', 'beta', 'gamma'] as const;
export const CONTROLS = ['no-lookup', 'no-lock', 'no-event-id'] as const;
export type Control = (typeof CONTROLS)[number];

export const WEBS = 2;
export const WORKERS = 3;
export const SURFACES = 8;
/** A surface in maintenance for the whole run. It must be audited once, however often its file is read. */
export const PARKED = 'parked';

const FREESCOUT_TIMEOUT_MS = 2_500;
/** Longer than a slow machine's delay in sending, the pause of a process and the latest effect together. */
const IN_DOUBT_S = 15;
/** How long after a database fault a process may notice it. */
const AFTERMATH_MS = 3_000;
const silent = createLog({ level: 'silent' });

export interface EnvironmentOptions {
  /** An empty folder, which the caller deletes. */
  dir: string;
  ledger: Ledger;
  random(what: string): Random;
  control: Control | null;
}

export async function startEnvironment({ dir, ledger, random, control }: EnvironmentOptions): Promise<Environment> {
  const cleanups = createCleanups(silent);
  try {
    await mkdir(join(dir, 'logs'));
    const database = await startRestartableDatabase(join(dir, 'postgres'));
    cleanups.add('database', () => database.stop());
    await migrate(database.url, silent);

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
    await writeFile(surfacesFile, JSON.stringify({ surfaces: dependencies.services.surfaces.map(withMaintenance) }));

    const draw = random('secrets');
    const tokens = new Map<string, string>(SOURCES.map((source) => [source, `${source}-${draw.hex(24)}`]));
    const adminToken = `admin-${draw.hex(24)}`;
    const env = settings({
      databaseUrl: database.url,
      dependencies,
      surfacesFile,
      tokens,
      adminToken,
      secret: draw.hex(40),
    });
    const restarts = random('restarts');
    let databaseAwayUntil = 0;
    const web = async (_: unknown, n: number) => {
      // A web process has the same port after each restart.
      const port = await freePort();
      return {
        name: `web-${n + 1}`,
        args: ['web'],
        env: { ...env, PORT: String(port) },
        url: `http://127.0.0.1:${port}`,
      };
    };
    const worker = (_: unknown, n: number) => ({ name: `worker-${n + 1}`, args: ['worker'], env, url: null });
    const processes = [
      ...(await Promise.all(Array.from({ length: WEBS }, web))),
      ...Array.from({ length: WORKERS }, worker),
    ];
    const fleet = startFleet({
      processes,
      dir: join(dir, 'logs'),
      preloads: preloadsOf(control),
      restartMs: () => restarts.between(100, 1_500),
      isDatabaseAway: () => Date.now() < databaseAwayUntil,
    });
    cleanups.add('fleet', () => fleet.stop());

    return {
      database,
      async cutConnections() {
        await database.cutConnections();
        // A process that is still starting gives up, as it does while the database restarts.
        databaseAwayUntil = Math.max(databaseAwayUntil, Date.now() + AFTERMATH_MS);
      },
      async restartDatabase(signal) {
        databaseAwayUntil = Number.POSITIVE_INFINITY;
        await database.restart(signal);
        databaseAwayUntil = Date.now() + AFTERMATH_MS;
      },
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

function settings(options: {
  databaseUrl: string;
  dependencies: Dependencies;
  surfacesFile: string;
  tokens: ReadonlyMap<string, string>;
  adminToken: string;
  secret: string;
}): Record<string, string> {
  const { dependencies } = options;
  if (LATEST_EFFECT_MS(FREESCOUT_TIMEOUT_MS) >= IN_DOUBT_S * 1000)
    throw new Error('a late effect could happen after its attempt is no longer in doubt');
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: options.databaseUrl,
    FREESCOUT_BASE_URL: dependencies.freescoutProxy.url,
    FREESCOUT_API_KEY: dependencies.freescout.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(dependencies.freescout.operationsMailboxId),
    FREESCOUT_SUPPORT_MAILBOX_ID: String(dependencies.freescout.supportMailboxId),
    FREESCOUT_TIMEOUT_MS: String(FREESCOUT_TIMEOUT_MS),
    FREESCOUT_IN_DOUBT_SECONDS: String(IN_DOUBT_S),
    FREESCOUT_CONCURRENCY: '16',
    SLACK_BOT_TOKEN: dependencies.slack.token,
    SLACK_DM_USER_ID: dependencies.slack.userId,
    SLACK_API_URL: `${dependencies.slackProxy.url}/api/`,
    SURFACES_FILE: options.surfacesFile,
    POLL_INTERVAL_SECONDS: '1',
    STORM_MAX_TICKETS: '100000',
    FLAP_MAX_EPISODES: '100000',
    INGEST_TOKENS: [...options.tokens].map(([source, token]) => `${source}:${token}`).join(','),
    CONSOLE_API_TOKENS: `faults:admin:${options.adminToken}`,
    // Production requires a provider. Nobody signs in here, so it need not exist.
    OIDC_ISSUER_URL: 'http://127.0.0.1:9/',
    OIDC_CLIENT_ID: 'faults',
    OIDC_CLIENT_SECRET: options.secret,
    SESSION_SECRET: options.secret,
  };
}

/** Plain JavaScript, because the program runs without a TypeScript loader. The look-up is disabled in the proxy. */
const preloadsOf = (control: Control | null): URL[] =>
  ['clock', ...(control === 'no-lock' || control === 'no-event-id' ? [control] : [])].map(
    (name) => new URL(`preload/${name}.js`, import.meta.url),
  );

function withMaintenance<Surface extends { id: string }>(surface: Surface): Surface & { maintenance: object[] } {
  const window = {
    until: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
    reason: 'parked for the fault run',
  };
  return { ...surface, maintenance: surface.id === PARKED ? [window] : [] };
}
