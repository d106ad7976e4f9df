import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { createChart } from './actors/chart.ts';
import type { Delivered } from './actors/messages.ts';
import { appendAudit } from './audit/log.ts';
import { prepareAuditPartitions, prune } from './audit/retention.ts';
import type { Config } from './config.ts';
import { createCustomers } from './customers/store.ts';
import { takeTurn } from './db/lease.ts';
import { startListener } from './db/listen.ts';
import { isMigrated, migrate } from './db/migrate.ts';
import { createPool } from './db/pool.ts';
import { createFlags } from './flags/flags.ts';
import { createHealthServer, createHttpServer } from './http/server.ts';
import { createProvider } from './identity/provider.ts';
import { createSessions } from './identity/sessions.ts';
import { createSignIn } from './identity/signIn.ts';
import { watchLetters } from './letters/watch.ts';
import type { Log } from './log.ts';
import { registry } from './machines.ts';
import { createMetrics } from './metrics.ts';
import { createSlack } from './notify/slack/messenger.ts';
import { createPipeline } from './pipeline.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { createReleases, type Releases } from './release.ts';
import { type Embedded, startEmbedded } from './sandbox/start.ts';
import { createServices } from './services.ts';
import { parseSurfacesFile } from './surfaces/file.ts';
import { createPoller } from './surfaces/poller.ts';
import { createProbe } from './surfaces/probe.ts';
import { createSelfCheck, syncSelfChecks } from './surfaces/selfCheck.ts';
import { syncSurfaces } from './surfaces/sync.ts';
import { createFreeScout } from './tickets/freescout/helpDesk.ts';
import { createRefresh } from './tickets/refresh.ts';

/** Which part of the program this process is. */
export type Role = 'all' | 'web' | 'worker';

export interface App {
  /** Where the console (or the worker's health page) is; null for a worker without a port. */
  url: string | null;
  places: Embedded['places'];
  /** Reads the surfaces file again; a faulty one changes nothing and throws. */
  reload(): Promise<void>;
  /** Stops taking work, lets what runs end or hands it back, and releases everything. */
  stop(): Promise<void>;
}

const MIGRATION_LOOK_MS = 1_000;
const EFFECT_GRACE_MS = 5_000;
const REFRESH_S = 25;
const RECONCILE_S = 60;
const HOUSEKEEPING_S = 3_600;
const LETTERS_S = 25;

/** Builds the program in the order in which its parts need each other; each thing taken pushes its own undo. */
export async function startApp(
  given: Config,
  role: Role,
  log: Log,
  say: (line: string) => void,
  stopping: AbortSignal = new AbortController().signal,
): Promise<App> {
  const releases = createReleases(log);
  try {
    return await build(given, role, log, say, releases, stopping);
  } catch (error) {
    await releases.run();
    throw error;
  }
}

async function build(
  given: Config,
  role: Role,
  log: Log,
  say: (line: string) => void,
  releases: Releases,
  stopping: AbortSignal,
): Promise<App> {
  for (const warning of given.warnings) log.warn(warning);
  const embedded: Embedded = given.production
    ? { config: given, databaseUrl: given.database.url ?? '', surfaces: null, customers: [], places: [] }
    : await startEmbedded(given, log, releases, say);
  const { config, databaseUrl } = embedded;
  const polls = role !== 'web';

  const pool = createPool(databaseUrl, config.database.poolSize, log);
  releases.add('database pool', () => pool.end());

  const metrics = createMetrics(pool);
  const desk = createFreeScout(config.freescout, {
    log,
    metrics: {
      onCall: (verb, outcome, ms) => metrics.calls.observe({ system: 'freescout', verb, outcome }, ms / 1000),
    },
  });
  const messenger = createSlack(config.slack, {
    log,
    metrics: { slackCall: (verb, outcome, ms) => metrics.calls.observe({ system: 'slack', verb, outcome }, ms / 1000) },
  });
  const flags = createFlags(pool, config.flags, { audit: appendAudit });
  const { host, aggregator, sightings } = createPipeline({
    pool,
    databaseUrl,
    config,
    registry,
    desk,
    messenger,
    flags,
    log,
    metrics,
  });

  const listener = startListener(databaseUrl, ['console', 'answers'], log);
  releases.add('listener', () => listener.stop());

  const loadSurfaces = async () => {
    const read = config.surfaces.file
      ? parseSurfacesFile(await readFile(config.surfaces.file, 'utf8'), config.surfaces.file)
      : embedded.surfaces && { surfaces: embedded.surfaces, selfChecks: [] };
    if (!read) return;
    await syncSurfaces(pool, read.surfaces);
    await syncSelfChecks(pool, read.selfChecks);
  };
  const probe = createProbe({ allowPrivate: config.surfaces.allowPrivate, log });
  const poller = createPoller({
    pool,
    deliver: host.deliver,
    probe,
    selfCheck: (signal) => createSelfCheck({ pool, deliver: host.deliver, probe, signal }),
    intervalSeconds: config.surfaces.pollIntervalSeconds,
    log,
    onChecked: (outcome) => metrics.checks.inc({ outcome }),
    onDelivered: (delivered) => sightings.seen(emittedKeys(delivered)),
  });
  const refresh = createRefresh({ pool, desk, log });
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

  const chart = createChart();
  const { oidc, publicUrl } = config;
  const sessions = createSessions(pool, config.session);
  const provider = oidc && createProvider({ oidc, publicUrl, log });
  const onOutcome = (outcome: string) => metrics.signIns.inc({ outcome });
  const signIn = oidc && provider && createSignIn({ pool, provider, sessions, oidc, publicUrl, log, onOutcome });
  // Asked now, the first person to sign in need not wait for it; away, it says so in the log and stops nothing.
  if (role !== 'worker') void provider?.trouble();

  const services = createServices({
    pool,
    sessions,
    signIn,
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
  // Health and pages answer while the database is waited for, so that a platform sees a process that lives.
  const server =
    role === 'worker'
      ? config.portGiven && createHealthServer(config, services, log)
      : createHttpServer(config, services, log);
  const url = server ? (await server.listen()).url : null;
  if (server) releases.add('web server, early', () => server.close());

  await migrated(pool, databaseUrl, config, log, stopping);
  if (stopping.aborted) return { url, places: [], reload: loadSurfaces, stop: () => releases.run() };
  if (embedded.customers.length > 0) {
    await createCustomers(pool).upsert(embedded.customers.map((each) => ({ ...each, freescoutCustomerId: null })));
  }
  host.start(role === 'web' ? 'urgent' : 'all');
  releases.add('job workers', () => host.stop(EFFECT_GRACE_MS));
  if (polls) {
    await loadSurfaces().catch((error: unknown) => {
      // In production what was watched before is watched on; elsewhere the person who wrote the file sits right here.
      if (!given.production) throw error;
      log.warn({ err: error }, 'surfaces file not read; what the database holds is watched');
    });
    await host.revive();
    poller.start();
    releases.add('poller', () => poller.stop());
    inTurn(5_000, 'compare tickets', REFRESH_S, (signal) => refresh.all(signal));
    inTurn(10_000, 'look at dead letters', LETTERS_S, () =>
      watchLetters({ pool, deliver: host.deliver, alarmMinutes: config.deadLetterAlarmMinutes }),
    );
    inTurn(5_000, 'reconcile', RECONCILE_S, (signal) => reconciler.run(signal));
    inTurn(60_000, 'housekeeping', HOUSEKEEPING_S, async (signal) => {
      await prepareAuditPartitions(pool);
      await prune(pool, config.retention, { signal });
    });
  }
  // The first picture takes a third of a second, in which nothing else is answered: rather now than for a reader.
  if (role !== 'worker') {
    const machines = registry.all.map(({ machine }) => machine);
    chart.warm(machines).catch((error: unknown) => log.debug({ err: error }, 'statecharts not drawn ahead'));
  }
  // Undone first: no new request comes in while the rest still works.
  if (server) releases.add('web server', () => server.close());
  return { url, places: embedded.places, reload: loadSurfaces, stop: () => releases.run() };

  /**
   * Repeats what may fail without harm, because the next round does it again. Each process tries every `ms`, and one of
   * the fleet does it in `seconds`.
   */
  function inTurn(ms: number, what: string, seconds: number, work: (signal: AbortSignal) => Promise<unknown>): void {
    const ending = new AbortController();
    let running: Promise<unknown> = Promise.resolve();
    const timer = setInterval(() => {
      running = running
        .then(async () => (await takeTurn(pool, what, seconds)) && work(ending.signal))
        .catch((error: unknown) =>
          log.warn({ err: error, what }, 'what the fleet does in turn failed; it is done again'),
        );
    }, ms);
    releases.add(what, async () => {
      clearInterval(timer);
      ending.abort();
      await running;
    });
  }
}

/** A release step migrates in production, so a web or worker process waits for it there; elsewhere it migrates itself. */
async function migrated(
  pool: Pool,
  databaseUrl: string,
  config: Config,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  if (!config.production) return migrate(databaseUrl, log);
  for (let said = false; !stopping.aborted && !(await isMigrated(pool).catch(() => false)); said = true) {
    if (!said) log.warn('the database cannot be reached or is not migrated yet: run "auto-ticketing migrate"; waiting');
    await new Promise((resolve) => setTimeout(resolve, MIGRATION_LOOK_MS));
  }
}

const emittedKeys = (delivered: Delivered[]): string[] =>
  delivered.flatMap(({ message: { to, event } }) => (event.type === 'EMITTED' ? [to.replace(/^alert:/, '')] : []));
