import type { Pool } from 'pg';
import type { Chart } from './actors/chart.ts';
import type { Host } from './actors/host.ts';
import { actorDetail, listActors } from './actors/inspect.ts';
import type { Registry } from './actors/registry.ts';
import type { Aggregator } from './alerts/aggregator.ts';
import { listHeld } from './alerts/held.ts';
import { listAlerts } from './alerts/list.ts';
import { listAudit } from './audit/log.ts';
import { banners } from './banners.ts';
import type { Config } from './config.ts';
import { createCustomers } from './customers/store.ts';
import type { Listener } from './db/listen.ts';
import { isMigrated } from './db/migrate.ts';
import { Problem } from './errors.ts';
import type { Flags } from './flags/flags.ts';
import type { Services } from './http/services.ts';
import { createFailureCount } from './identity/failedAttempts.ts';
import type { Sessions } from './identity/sessions.ts';
import { joined } from './joined.ts';
import { createLetters } from './letters/letters.ts';
import type { Metrics } from './metrics.ts';
import type { Changed } from './model/actors.ts';
import type { SignIn } from './model/people.ts';
import { readReconciliation } from './reconcile/read.ts';
import { remembered } from './remembered.ts';
import { board, surfaceStory } from './surfaces/board.ts';
import { createBoardFeed } from './surfaces/boardFeed.ts';
import { readDays } from './surfaces/days.ts';
import { createInvestigate } from './surfaces/investigate.ts';
import { readTiles } from './surfaces/tiles.ts';
import { customerView } from './tickets/customerTickets.ts';
import type { HelpDesk, SupportDesk } from './tickets/port.ts';
import type { Refresh } from './tickets/refresh.ts';
import { createWebhook } from './tickets/webhook.ts';

/** The bars are of days; counting them anew for every look would cost more than all the rest. */
const PAST_MS = 20_000;

/** What the routes may ask for, filled in with the parts that answer. */
export function createServices(deps: {
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
}): Services {
  const { pool, config, registry, chart, host, aggregator, flags, desk, refresh, listener, metrics, sessions } = deps;
  const { pollIntervalSeconds } = config.surfaces;
  const customers = createCustomers(pool);
  const letters = createLetters({ pool, registry, deliver: host.deliver });

  const requireSurface = async (surfaceId: string): Promise<void> => {
    const { rowCount } = await pool.query('select 1 from surfaces where id = $1 and removed_at is null', [surfaceId]);
    if ((rowCount ?? 0) === 0) throw new Problem('unknown_surface', `There is no surface "${surfaceId}".`);
  };

  const statusOf = async (surfaceId: string): Promise<string | null> =>
    (await readTiles(pool, pollIntervalSeconds, surfaceId))[0]?.status ?? null;

  const subscribe: Services['subscribe'] = (heard) => {
    const stopHearing = listener.on('console', (payload) => {
      heard({ actors: [], flags: false, sessions: [], ...(JSON.parse(payload) as Partial<Changed>) });
    });
    const stopBack = listener.onBack(() => heard({ actors: [], flags: true, sessions: 'all' }));
    return () => {
      stopHearing();
      stopBack();
    };
  };

  const pastOf = remembered(PAST_MS, () => readDays(pool));
  const feed = createBoardFeed({
    read: () => board(pool, { pollIntervalSeconds, pastOf }),
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

    board: feed.board,
    watchBoard: feed.watch,
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
        { to: `surface:${surfaceId}`, event: { type: 'MAINTENANCE_SET', until: until.toISOString(), reason, by } },
      ]);
    },
    async endMaintenance(surfaceId, by) {
      await requireSurface(surfaceId);
      await host.deliver([{ to: `surface:${surfaceId}`, event: { type: 'MAINTENANCE_ENDED', by } }]);
    },

    alerts: (query) => listAlerts(pool, { ...query, silentAfterMinutes: config.alertSilentAfterMinutes }),
    ingest: (source, alerts) => aggregator.ingest(source, alerts),
    customer: (id) => customerView({ customers, desk }, id),

    flags: () => flags.list(),
    held: () => listHeld(pool),
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

    banners: joined(() => banners(pool, config)),

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
