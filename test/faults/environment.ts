import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { migrate } from '../../src/db/migrate.ts';
import { createCleanups } from '../../src/lib/cleanup.ts';
import { createLog } from '../../src/log/log.ts';
import { type RestartableDatabase, startRestartableDatabase } from './database.ts';
import { type Dependencies, startDependencies } from './dependencies.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { LATEST_EFFECT_MS } from './injectFault.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

/** The program as it runs in production, with everything around it, on loopback. */
export interface Environment {
  database: RestartableDatabase;
  /** Cuts every connection of the program; the fleet knows that processes may end of it. */
  cutConnections(): Promise<void>;
  /** Strikes the database down; the fleet knows meanwhile that it is away. */
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
/** In maintenance for the whole run: that must be said once, however often the file is read and the service checked. */
export const PARKED = 'parked';

const FREESCOUT_TIMEOUT_MS = 2_500;
/** Longer than a slow machine takes to send, the pause of a process and the latest effect together. */
const IN_DOUBT_S = 15;
/** Processes that were struck see the loss a little later. */
const AFTERMATH_MS = 3_000;
const quiet = createLog({ level: 'silent' });

export interface EnvironmentOptions {
  /** An empty folder, which the caller deletes. */
  dir: string;
  ledger: Ledger;
  random(what: string): Random;
  control: Control | null;
}

export async function startEnvironment({ dir, ledger, random, control }: EnvironmentOptions): Promise<Environment> {
  const releases = createCleanups(quiet);
  try {
    const ports = await freePorts(WEBS + WORKERS + 1);
    await mkdir(join(dir, 'logs'));
    const database = await startRestartableDatabase(join(dir, 'postgres'), ports[0] ?? 0);
    releases.add('database', () => database.stop());
    await migrate(database.url, quiet);

    const surfaceIds = Array.from({ length: SURFACES }, (_, n) => `service-${n + 1}`);
    const dependencies = await startDependencies({
      ledger,
      random,
      freescoutTimeoutMs: FREESCOUT_TIMEOUT_MS,
      surfaceIds: [...surfaceIds, PARKED],
      blindLookUp: control === 'no-lookup',
    });
    releases.add('dependencies', () => dependencies.stop());
    const surfacesFile = join(dir, 'surfaces.yaml');
    await writeFile(surfacesFile, JSON.stringify({ surfaces: dependencies.services.surfaces.map(parkedOne) }));

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
    const unit = (name: string, role: 'web' | 'worker', port: number) => ({
      name,
      args: [role],
      env: { ...env, PORT: String(port) },
      url: role === 'web' ? `http://127.0.0.1:${port}` : null,
    });
    const processes = ports
      .slice(1)
      .map((port, n) =>
        n < WEBS ? unit(`web-${n + 1}`, 'web', port) : unit(`worker-${n - WEBS + 1}`, 'worker', port),
      );
    const fleet = startFleet({
      processes,
      dir: join(dir, 'logs'),
      preloads: preloadsOf(control),
      restartMs: () => restarts.between(100, 1_500),
      isDatabaseAway: () => Date.now() < databaseAwayUntil,
    });
    releases.add('fleet', () => fleet.stop());

    return {
      database,
      async cutConnections() {
        await database.cutConnections();
        // A process that was only just starting gives up, as it does while the database restarts.
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
      stop: () => releases.run(),
    };
  } catch (error) {
    await releases.run();
    throw error;
  }
}

function settings(given: {
  databaseUrl: string;
  dependencies: Dependencies;
  surfacesFile: string;
  tokens: ReadonlyMap<string, string>;
  adminToken: string;
  secret: string;
}): Record<string, string> {
  const { dependencies } = given;
  if (LATEST_EFFECT_MS(FREESCOUT_TIMEOUT_MS) >= IN_DOUBT_S * 1000)
    throw new Error('effects would land after the doubt is over');
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: given.databaseUrl,
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
    SURFACES_FILE: given.surfacesFile,
    POLL_INTERVAL_SECONDS: '1',
    STORM_MAX_TICKETS: '100000',
    FLAP_MAX_EPISODES: '100000',
    INGEST_TOKENS: [...given.tokens].map(([source, token]) => `${source}:${token}`).join(','),
    CONSOLE_API_TOKENS: `faults:admin:${given.adminToken}`,
    // Nobody signs in here, and a provider that cannot be reached stops nothing.
    OIDC_ISSUER_URL: 'http://127.0.0.1:9/',
    OIDC_CLIENT_ID: 'faults',
    OIDC_CLIENT_SECRET: given.secret,
    SESSION_SECRET: given.secret,
  };
}

/** Built files: a process loads them as it loads the program. The look-up is switched off in the proxy. */
const preloadsOf = (control: Control | null): URL[] =>
  ['clock', ...(control === 'no-lock' || control === 'no-event-id' ? [control] : [])].map(
    (name) => new URL(`preload/${name}.js`, import.meta.url),
  );

function parkedOne<Surface extends { id: string }>(surface: Surface): Surface & { maintenance: object[] } {
  const window = {
    until: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
    reason: 'parked for the fault run',
  };
  return { ...surface, maintenance: surface.id === PARKED ? [window] : [] };
}

/** Below the range from which outgoing connections take theirs, so that a restarted process finds its own port free. */
async function freePorts(wanted: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = 20_000 + (process.pid % 10_000); ports.length < wanted && port < 32_000; port += 1) {
    if (await isFree(port)) ports.push(port);
  }
  if (ports.length < wanted) throw new Error('there are not enough free ports between 20000 and 32000');
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((tell) => {
    const probe = createServer().once('error', () => tell(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => tell(true)));
  });
}
