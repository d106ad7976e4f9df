import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { alertKeyOfActor } from '../../machines/shared/actorId.ts';
import type { Delivered } from '../actors/messages.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { prepareAuditPartitions, prune } from '../audit/retention.ts';
import type { Config } from '../config/config.ts';
import { createCustomers } from '../customers/store.ts';
import { startListener } from '../db/listen.ts';
import { isMigrated, migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import { watchDeadLetterAge } from '../deadLetters/watchAge.ts';
import { createFlags } from '../flags/flags.ts';
import { createHealthServer, createHttpServer } from '../http/server.ts';
import { createProvider } from '../identity/provider.ts';
import { createSessions } from '../identity/sessions.ts';
import { createSignIn } from '../identity/signIn.ts';
import { createChart } from '../inspect/chart.ts';
import { type Cleanups, createCleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';
import { createSlack } from '../notify/slack/messenger.ts';
import { createReconciler } from '../reconcile/reconciler.ts';
import { createPoller } from '../surfaces/poller.ts';
import { createProbe } from '../surfaces/probe.ts';
import { createSelfCheck, syncSelfChecks } from '../surfaces/selfCheck.ts';
import { parseSurfacesFile } from '../surfaces/surfacesFile.ts';
import { syncSurfaces } from '../surfaces/sync.ts';
import { createFreeScout } from '../tickets/freescout/client.ts';
import { createRefresh } from '../tickets/refresh.ts';
import { createConsoleApi } from './consoleApi.ts';
import { configured, type Environment, type StartSandbox } from './environment.ts';
import { registry } from './machineRegistry.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { schedule } from './scheduledTasks.ts';
import { createWiring } from './wiring.ts';

/** Which part of the program this process is. */
export type Role = 'all' | 'web' | 'worker';

export interface AppOptions {
  config: Config;
  role: Role;
  log: Log;
  /** Where progress is shown to the person at the terminal, a line at a time. */
  say?: (line: string) => void;
  /** Aborted when the process is asked to stop, perhaps while it still starts. */
  stopping?: AbortSignal;
  /** Replaces what is not configured; left out in production and where everything is configured. */
  startSandbox?: StartSandbox | undefined;
}

export interface App {
  /** Where the console (or the worker's health page) is; null for a worker without a port. */
  url: string | null;
  pages: Environment['pages'];
  /** Reads the surfaces file again; a faulty one changes nothing and throws. */
  reload(): Promise<void>;
  /** Stops taking work, lets what runs end or hands it back, and releases everything. */
  stop(): Promise<void>;
}

const MIGRATION_CHECK_MS = 1_000;
const EFFECT_GRACE_MS = 5_000;

/** Starts the program. What was started before an error is stopped again, and the error is thrown. */
export async function startApp(options: AppOptions): Promise<App> {
  const cleanups = createCleanups(options.log);
  try {
    return await build(options, cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

/**
 * The composition root: one straight line, in the order in which the parts need each other. Each thing that is taken
 * adds its own cleanup; they run backwards.
 */
async function build(options: AppOptions, cleanups: Cleanups): Promise<App> {
  const { role, log, say = () => undefined, stopping = new AbortController().signal, startSandbox } = options;
  for (const warning of options.config.warnings) log.warn(warning);
  const environment =
    startSandbox && !options.config.production
      ? await startSandbox(options.config, log, cleanups, say)
      : configured(options.config);
  const { config, databaseUrl, pages } = environment;
  const polls = role !== 'web';

  const pool = createPool(databaseUrl, config.database.poolSize, log);
  cleanups.add('database pool', () => pool.end());
  const metrics = createMetrics(pool);
  const { desk, messenger } = createAdapters(config, log, metrics);
  const flags = createFlags(pool, config.flags, { audit: appendAudit });
  const wiring = createWiring({ pool, databaseUrl, config, registry, desk, messenger, flags, log, metrics });
  const { host, aggregator, lastSeen } = wiring;
  const listener = startListener(databaseUrl, ['console', 'answers'], log);
  cleanups.add('listener', () => listener.stop());

  const probe = createProbe({ allowPrivate: config.surfaces.allowPrivate, log });
  const poller = createPoller({
    pool,
    deliver: host.deliver,
    probe,
    selfCheck: (signal) => createSelfCheck({ pool, deliver: host.deliver, probe, signal }),
    intervalSeconds: config.surfaces.pollIntervalSeconds,
    log,
    onChecked: (outcome) => metrics.checks.inc({ outcome }),
    onDelivered: (delivered) => lastSeen.recordSeen(emittedKeys(delivered)),
  });
  const refresh = createRefresh({ pool, desk, log });
  const chart = createChart();
  const identity = createIdentity({ pool, config, log, metrics });

  const consoleApi = createConsoleApi({
    ...identity,
    pool,
    config,
    registry,
    chart,
    host,
    aggregator,
    flags,
    desk,
    refresh,
    listener,
    metrics,
    polls,
    hasPolled: () => !polls || poller.hasCompletedACycle(),
  });
  // Health and pages answer while the process waits for its database, so that a platform sees that it is alive.
  const server =
    role === 'worker'
      ? config.portGiven && createHealthServer(config, consoleApi, log)
      : createHttpServer(config, consoleApi, log);
  const url = server ? (await server.listen()).url : null;
  if (server) cleanups.add('web server, early', () => server.close());
  const app: App = { url, pages, reload: () => loadSurfaces(pool, environment), stop: () => cleanups.run() };

  await waitForMigrations(pool, databaseUrl, config, log, stopping);
  if (stopping.aborted) return { ...app, pages: [] };
  if (environment.customers.length > 0) {
    await createCustomers(pool).upsert(environment.customers.map((each) => ({ ...each, freescoutCustomerId: null })));
  }
  host.start(role === 'web' ? 'urgent' : 'all');
  cleanups.add('job workers', () => host.stop(EFFECT_GRACE_MS));
  if (polls) {
    await loadSurfaces(pool, environment).catch((error: unknown) => {
      // In production the surfaces known so far stay watched; elsewhere the author of the file is at the terminal.
      if (!config.production) throw error;
      log.warn({ err: error }, 'surfaces file not read; watching the surfaces stored in the database');
    });
    await host.revive();
    poller.start();
    cleanups.add('poller', () => poller.stop());
    startTasks();
  }
  if (role === 'worker') return app;
  // The first chart takes a third of a second of computing: done now, no reader waits for it.
  const machines = registry.all.map(({ machine }) => machine);
  chart.warm(machines).catch((error: unknown) => log.debug({ err: error }, 'statecharts not drawn ahead'));
  // Runs before all other cleanups: no new request comes in while the rest still works.
  if (server) cleanups.add('web server', () => server.close());
  return app;

  function startTasks(): void {
    const start = (name: string, tryEveryMs: number, everySeconds: number, run: (s: AbortSignal) => Promise<unknown>) =>
      schedule({ name, tryEveryMs, everySeconds, run }, { pool, cleanups, log });
    const reconciler = createReconciler({
      pool,
      registry,
      deliver: host.deliver,
      desk,
      refresh,
      isAutoTicketOn: () => flags.isOnNow('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
      settings: { ...config.freescout, silentAfterMinutes: config.alertSilentAfterMinutes },
      log,
      onDone: (what, times) => metrics.reconciled.inc({ what }, times),
    });
    start('compare tickets', 5_000, 25, (signal) => refresh.all(signal));
    start('look at dead letters', 10_000, 25, () =>
      watchDeadLetterAge({ pool, deliver: host.deliver, alarmMinutes: config.deadLetterAlarmMinutes }),
    );
    start('reconcile', 5_000, 60, (signal) => reconciler.run(signal));
    start('housekeeping', 60_000, 3_600, async (signal) => {
      await prepareAuditPartitions(pool);
      await prune(pool, config.retention, { signal });
    });
  }
}

function createAdapters(config: Config, log: Log, metrics: Metrics) {
  const observe = (system: string) => (verb: string, outcome: string, ms: number) =>
    metrics.calls.observe({ system, verb, outcome }, ms / 1000);
  return {
    desk: createFreeScout(config.freescout, { log, metrics: { onCall: observe('freescout') } }),
    messenger: createSlack(config.slack, { log, metrics: { slackCall: observe('slack') } }),
  };
}

/** Sessions, and sign-in where a provider is configured. */
function createIdentity(deps: { pool: Pool; config: Config; log: Log; metrics: Metrics }) {
  const { pool, config, log, metrics } = deps;
  const { oidc, publicUrl } = config;
  const sessions = createSessions(pool, config.session);
  const provider = oidc && createProvider({ oidc, publicUrl, log });
  const onOutcome = (outcome: string) => metrics.signIns.inc({ outcome });
  const signIn = oidc && provider && createSignIn({ pool, provider, sessions, oidc, publicUrl, log, onOutcome });
  return { sessions, signIn };
}

async function loadSurfaces(pool: Pool, { config, surfaces }: Environment): Promise<void> {
  const { file } = config.surfaces;
  const read = file ? parseSurfacesFile(await readFile(file, 'utf8'), file) : surfaces && { surfaces, selfChecks: [] };
  if (!read) return;
  await syncSurfaces(pool, read.surfaces);
  await syncSelfChecks(pool, read.selfChecks);
}

/** In production a release step migrates and this process waits for it; elsewhere the process migrates itself. */
async function waitForMigrations(
  pool: Pool,
  databaseUrl: string,
  config: Config,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  if (!config.production) return migrate(databaseUrl, log);
  for (let warned = false; !stopping.aborted && !(await isMigrated(pool).catch(() => false)); warned = true) {
    if (!warned) log.warn('the database cannot be reached or is not migrated; run "auto-ticketing migrate"; waiting');
    await new Promise((resolve) => setTimeout(resolve, MIGRATION_CHECK_MS));
  }
}

const emittedKeys = (delivered: Delivered[]): string[] =>
  delivered.flatMap(({ message: { to, event } }) => (event.type === 'EMITTED' ? [alertKeyOfActor(to)] : []));
