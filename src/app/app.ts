import { startWebhookConsumer } from '../alerts/webhooks/consumer.ts';
import { appendAudit } from '../audit/auditLog.ts';
import type { Config } from '../config/config.ts';
import { CHANNELS } from '../db/channels.ts';
import { createDatabaseClock } from '../db/databaseClock.ts';
import { startListener } from '../db/listen.ts';
import type { OutageReport } from '../db/outageReport.ts';
import { untilReached } from '../db/untilReached.ts';
import { createFlags } from '../flags/flags.ts';
import { createHealthServer, createHttpServer, type HttpServer } from '../http/server.ts';
import { createChart } from '../inspect/chart.ts';
import { createChartsAhead } from '../inspect/chartsAhead.ts';
import { type Cleanups, createCleanups } from '../lib/cleanup.ts';
import { coalesce } from '../lib/coalesce.ts';
import type { Log } from '../log/log.ts';
import { createNames } from '../net/names.ts';
import { createOutgoing } from '../net/outgoing.ts';
import { createRefresh } from '../tickets/refresh.ts';
import { createAdapters } from './adapters.ts';
import { createConsoleApi } from './consoleApi.ts';
import { createPools } from './database.ts';
import { addDatabaseGauges } from './databaseGauges.ts';
import { configured, type Environment, type Role, type StartSandbox } from './environment.ts';
import { createIdentity } from './identity.ts';
import { registry } from './machineRegistry.ts';
import { createMetrics } from './metrics.ts';
import { prepareDatabase } from './prepareDatabase.ts';
import { startScheduledTasks } from './scheduledTasks.ts';
import { createSurfacePoller, followSandboxSurfaces, loadSurfaces } from './surfaceChecks.ts';
import { createWiring } from './wiring.ts';

export interface AppOptions {
  config: Config;
  role: Role;
  log: Log;
  /** Shows progress to the person at the terminal, one line at a time. */
  say?: (line: string) => void;
  /** Aborted when the process has to stop; start-up then ends with the reason of the abort. */
  stopping?: AbortSignal;
  /** Replaces what is not configured; left out in production and if everything is configured. */
  startSandbox?: StartSandbox | undefined;
  /** Reports a lost database in place of the parts that fail because of it; the log has to ask it. */
  outageReport?: OutageReport;
}

export interface App {
  /** Address of the console, or of the worker's health page; null for a worker without a port. */
  url: string | null;
  pages: Environment['pages'];
  /** Reads the surfaces file again; a faulty one changes nothing and throws. */
  reload(): Promise<void>;
  /** Stops taking work, finishes or hands back what is running, and cleans up. */
  stop(): Promise<void>;
}

const EFFECT_GRACE_MS = 5_000;

/** Starts the program. When an error or an abort ends the start-up, everything that was started is stopped first. */
export async function startApp(options: AppOptions): Promise<App> {
  const { log, stopping = new AbortController().signal } = options;
  const cleanups = createCleanups(log);
  try {
    const environment = await prepareEnvironment(options, cleanups, stopping);
    stopping.throwIfAborted();
    const parts = createParts(environment, options.role, log, cleanups);
    if (options.outageReport) cleanups.add('report of outages', options.outageReport.watch(parts.pool, log));
    // Health and pages answer while the process waits for its database, so that a platform sees that it is alive.
    const server = serverFor(options.role, environment.config, parts, log);
    const url = server ? (await server.listen()).url : null;
    if (server) cleanups.add('web server, early', () => server.close());
    await prepareDatabase(parts.database, environment, log, stopping);
    stopping.throwIfAborted();
    await startWork({ parts, environment, role: options.role, log, cleanups, stopping });
    // Runs before all other cleanups: no new request comes in while the rest still works.
    if (server) cleanups.add('web server', () => server.close());
    const reload = coalesce(() => untilReached(() => loadSurfaces(parts.pool, environment, log), log, stopping));
    return { url, pages: environment.pages, reload, stop: () => cleanups.run() };
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function prepareEnvironment(
  { config, log, say = () => undefined, startSandbox }: AppOptions,
  cleanups: Cleanups,
  stopping: AbortSignal,
): Promise<Environment> {
  for (const warning of config.warnings) log.warn(warning);
  if (!startSandbox || config.production) return configured(config);
  return startSandbox(config, { log, cleanups, say, stopping });
}

type Parts = ReturnType<typeof createParts>;

/** Creates the parts of the program in the order in which they need each other. Cleanups run in reverse order. */
function createParts(environment: Environment, role: Role, log: Log, cleanups: Cleanups) {
  const { config } = environment;
  const database = createPools(environment, role, log, cleanups);
  const { pool, pagePool, jobPool, directUrl: databaseUrl } = database;
  const metrics = createMetrics();
  const names = createNames({ servers: config.dnsServers });
  cleanups.add('name resolution', async () => names.close());
  const outgoing = createOutgoing(config.outgoing, names);
  const { desk, messenger } = createAdapters({ config, log, metrics, outgoing });
  const flags = createFlags(pool, config.flags, { audit: appendAudit });
  const awaitsMigration = () => !database.isPrepared;
  addDatabaseGauges(metrics.registry, {
    pool: pagePool,
    reservedPool: pool,
    awaitsMigration,
    flags,
    pollIntervalSeconds: config.surfaces.pollIntervalSeconds,
  });
  const clock = createDatabaseClock(pool, log);
  const wiring = createWiring({
    ...{ pool, jobPool, databaseUrl, clock, config, registry, desk, messenger, flags, log, metrics },
  });
  const { host, intake, lastSeen, ownAnswers, policy, reviewSuppressed, sources } = wiring;
  const listener = startListener(databaseUrl, CHANNELS, log);
  cleanups.add('listener', () => listener.stop());
  const poller =
    role === 'web'
      ? null
      : createSurfacePoller({ pool, deliver: host.deliver, lastSeen, names, sources, config, log, metrics });
  const refresh = createRefresh({ pool, desk, log });
  const chart = createChart();
  const onPage = createChartsAhead(
    chart,
    registry.all.map(({ machine }) => machine),
    (error) => log.debug({ err: error }, 'statecharts could not be drawn in advance'),
  );
  const identity = createIdentity({ pool, pagePool, config, outgoing, cleanups, log, metrics });
  const base = { pool, config, registry, host, desk, flags, refresh, metrics, outgoing };
  const shared = { ...base, reviewSuppressed, intake, sources };
  const { pages: sandboxPages } = environment;
  const consoleApi = createConsoleApi({
    ...shared,
    ...identity,
    pagePool,
    chart,
    onPage,
    listener,
    ownAnswers,
    policy,
    poller,
    sandboxPages,
    awaitsMigration,
  });
  return { ...shared, clock, database, databaseUrl, listener, consoleApi, poller };
}

/** Turns stored requests of senders into alerts. */
function startWebhooks({ pool, intake, listener, sources, metrics }: Parts, log: Log, cleanups: Cleanups): void {
  const consumer = startWebhookConsumer({
    pool,
    intake,
    listener,
    settingsOf: sources.settings,
    warn: (facts, message) => log.warn(facts, message),
    onFinished: (status, times) => metrics.webhooks.inc({ status }, times),
  });
  cleanups.add('webhook consumer', () => consumer.stop());
}

function serverFor(role: Role, config: Config, { consoleApi }: Parts, log: Log): HttpServer | null {
  if (role !== 'worker') return createHttpServer(config, consoleApi, log);
  return config.portGiven ? createHealthServer(config, consoleApi, log) : null;
}

interface Start {
  parts: Parts;
  environment: Environment;
  role: Role;
  log: Log;
  cleanups: Cleanups;
  stopping: AbortSignal;
}

/** Starts everything that works by itself: jobs, and if this process polls, checks and scheduled tasks. */
async function startWork({ parts, environment, role, log, cleanups, stopping }: Start): Promise<void> {
  const { pool, clock, host, poller } = parts;
  clock.start();
  cleanups.add('clock of the database', () => clock.stop());
  host.start(role === 'web' ? 'urgent' : 'all');
  cleanups.add('job workers', () => host.stop(EFFECT_GRACE_MS));
  if (poller) {
    await untilReached(() => loadSurfaces(pool, environment, log), log, stopping).catch((error: unknown) => {
      stopping.throwIfAborted();
      // In production the surfaces known so far stay watched; elsewhere the author of the file is at the terminal.
      if (!environment.config.production) throw error;
      log.warn({ err: error }, 'surfaces file not read; watching the surfaces stored in the database');
    });
    followSandboxSurfaces(pool, environment, log);
    await untilReached(() => host.revive(), log, stopping);
    poller.start();
    cleanups.add('poller', () => poller.stop());
    startScheduledTasks({ ...parts, cleanups, log });
    startWebhooks(parts, log, cleanups);
  }
}
