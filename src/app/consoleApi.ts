import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { Host } from '../actors/host.ts';
import type { Registry } from '../actors/registry.ts';
import type { Aggregator } from '../alerts/aggregator.ts';
import { listAlerts } from '../alerts/alertList.ts';
import { listSuppressed } from '../alerts/suppressedStore.ts';
import { listAudit } from '../audit/auditLog.ts';
import type { Config } from '../config/config.ts';
import { createCustomers } from '../customers/store.ts';
import type { Listener } from '../db/listen.ts';
import { isMigrated } from '../db/migrate.ts';
import { createDeadLetters } from '../deadLetters/deadLetters.ts';
import type { Flags } from '../flags/flags.ts';
import type { ConsoleApi } from '../http/consoleApi.ts';
import { createFailureCount } from '../identity/failedAttempts.ts';
import type { Sessions } from '../identity/sessions.ts';
import type { Chart } from '../inspect/chart.ts';
import { actorDetail, listActors } from '../inspect/inspect.ts';
import { coalesce } from '../lib/coalesce.ts';
import { memoizeFor } from '../lib/memoizeFor.ts';
import { Problem } from '../lib/problem.ts';
import type { Changed } from '../model/actors.ts';
import type { SignIn } from '../model/people.ts';
import { readReconciliation } from '../reconcile/readTickets.ts';
import { readDays } from '../surfaces/days.ts';
import { createInvestigate } from '../surfaces/investigate.ts';
import { readStatusGrid, surfaceStory } from '../surfaces/statusGrid.ts';
import { createStatusGridFeed } from '../surfaces/statusGridFeed.ts';
import { readTiles } from '../surfaces/statusGridTiles.ts';
import { customerView } from '../tickets/customerView.ts';
import type { HelpDesk, SupportDesk } from '../tickets/port.ts';
import type { Refresh } from '../tickets/refresh.ts';
import { createWebhook } from '../tickets/webhook.ts';
import { banners } from './banners.ts';
import type { Metrics } from './metrics.ts';

/** The bars are of days; counting them anew for every look would cost more than all the rest. */
const PAST_MS = 20_000;

/** What the routes may ask for, filled in with the parts that answer. */
export function createConsoleApi(deps: {
  pool: Pool;
  config: Config;
  registry: Registry;
  chart: Chart;
  host: Host;
  aggregator: Aggregator;
  flags: Flags;
  desk: HelpDesk & SupportDesk;
  refresh: Refresh;
  listener: Listener;
  metrics: Metrics;
  sessions: Sessions;
  signIn: SignIn | null;
  polls: boolean;
  hasPolled: () => boolean;
}): ConsoleApi {
  const { pool, config, registry, chart, host, aggregator, flags, desk, refresh, listener, metrics, sessions } = deps;
  const { pollIntervalSeconds } = config.surfaces;
  const customers = createCustomers(pool);
  const letters = createDeadLetters({ pool, registry, deliver: host.deliver });

  const requireSurface = async (surfaceId: string): Promise<void> => {
    const { rowCount } = await pool.query('select 1 from surfaces where id = $1 and removed_at is null', [surfaceId]);
    if ((rowCount ?? 0) === 0) throw new Problem('unknown_surface', `There is no surface "${surfaceId}".`);
  };

  const statusOf = async (surfaceId: string): Promise<string | null> =>
    (await readTiles(pool, pollIntervalSeconds, surfaceId))[0]?.status ?? null;

  const subscribe: ConsoleApi['subscribe'] = (heard) => {
    const stopHearing = listener.on('console', (payload) => {
      heard({ actors: [], flags: false, sessions: [], ...(JSON.parse(payload) as Partial<Changed>) });
    });
    const stopBack = listener.onReconnect(() => heard({ actors: [], flags: true, sessions: 'all' }));
    return () => {
      stopHearing();
      stopBack();
    };
  };

  const loadDays = memoizeFor(PAST_MS, () => readDays(pool));
  const feed = createStatusGridFeed({
    read: () => readStatusGrid(pool, { pollIntervalSeconds, loadDays }),
    subscribe: (heard) =>
      subscribe(({ actors, flags: missed }) =>
        heard(missed || actors.some((id) => /^(surface|alert|umbrella):/.test(id))),
      ),
  });
  const webhook = createWebhook({
    secret: config.freescout.webhookSecret,
    refresh,
    onFailed: () => metrics.errors.inc({ where: 'webhook' }),
  });

  return {
    signIn: deps.signIn,
    countFailures: createFailureCount(pool),
    session: (token, how) => sessions.find(token, how),
    sessions: (query) => sessions.list(query),
    revokeSession: (id, by) => sessions.revoke(id, by),

    statusGrid: feed.grid,
    watchStatusGrid: feed.watch,
    surface: (id) =>
      surfaceStory(pool, id, { pollIntervalSeconds, silentAfterMinutes: config.alertSilentAfterMinutes }),
    investigate: createInvestigate({
      pool,
      deliver: host.deliver,
      listener,
      isEnabled: () => flags.isOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'),
      statusOf,
    }),

    async setMaintenance(surfaceId, { until, reason }, by) {
      await requireSurface(surfaceId);
      await host.deliver([
        { to: surfaceActor(surfaceId), event: { type: 'MAINTENANCE_SET', until: until.toISOString(), reason, by } },
      ]);
    },
    async endMaintenance(surfaceId, by) {
      await requireSurface(surfaceId);
      await host.deliver([{ to: surfaceActor(surfaceId), event: { type: 'MAINTENANCE_ENDED', by } }]);
    },

    alerts: (query) => listAlerts(pool, { ...query, silentAfterMinutes: config.alertSilentAfterMinutes }),
    ingest: (source, alerts) => aggregator.ingest(source, alerts),
    customer: (id) => customerView({ customers, desk }, id),

    flags: () => flags.list(),
    suppressedAlerts: () => listSuppressed(pool),
    setFlag: (name, enabled, by) => flags.set(name, enabled, by),
    isFlagOn: (name) => flags.isOn(name),

    reconciliation: () => readReconciliation(pool),
    audit: (query) => listAudit(pool, query),
    actors: (query) => listActors(pool, query),
    actor: (id) => actorDetail(pool, { registry, chart }, id),
    deadLetters: letters.list,
    deadLetter: letters.one,
    editDeadLetter: letters.edit,
    replayDeadLetter: letters.replay,
    replayDeadLetters: letters.replayMany,
    discardDeadLetter: letters.discard,

    freescoutWebhook: async (rawBody, signature) => webhook(rawBody, signature),

    subscribe,

    banners: coalesce(() => banners(pool, config)),

    async readiness() {
      const database = await isMigrated(pool).then(
        (done) => (done ? 'ok' : 'not migrated'),
        () => 'unreachable',
      );
      const checks: Record<string, string> = { database };
      if (deps.polls) checks.poller = deps.hasPolled() ? 'ok' : 'no cycle completed yet';
      return { ready: Object.values(checks).every((state) => state === 'ok'), checks };
    },

    async metrics() {
      return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
    },
  };
}
