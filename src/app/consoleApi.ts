import type { Pool } from 'pg';
import type { Host } from '../actors/host.ts';
import type { Registry } from '../actors/registry.ts';
import { countActive, listAlerts } from '../alerts/alertList.ts';
import { alertStory } from '../alerts/alertStory.ts';
import type { Intake } from '../alerts/intake/intake.ts';
import { createResolveByHand } from '../alerts/resolveByHand.ts';
import { createSilences, listSilences } from '../alerts/silences/silences.ts';
import type { Sources } from '../alerts/sources/sources.ts';
import { listSuppressed } from '../alerts/suppressedStore.ts';
import { weeklyReport } from '../alerts/weekly/report.ts';
import { listAudit } from '../audit/auditLog.ts';
import type { Config } from '../config/config.ts';
import { createCustomers } from '../customers/store.ts';
import { cancellableRead } from '../db/cancellableRead.ts';
import type { Listener } from '../db/listen.ts';
import { pageReader } from '../db/pageReader.ts';
import { listDeadLetters, shownDeadLetter } from '../deadLetters/deadLetterList.ts';
import { createDeadLetters } from '../deadLetters/deadLetters.ts';
import type { Flags } from '../flags/flags.ts';
import type { ConsoleApi } from '../http/consoleApi.ts';
import { createFailureCount } from '../identity/failedAttempts.ts';
import { readRefusals } from '../identity/refusalStore.ts';
import type { Sessions } from '../identity/sessions.ts';
import type { Chart } from '../inspect/chart.ts';
import { actorDetail, listActors } from '../inspect/inspect.ts';
import { coalesce } from '../lib/coalesce.ts';
import type { Refuse, SignIn } from '../model/people.ts';
import { readReconciliation } from '../reconcile/readTickets.ts';
import type { OwnAnswers } from '../surfaces/ownAnswers.ts';
import type { Poller } from '../surfaces/poller.ts';
import { createViewCustomer } from '../tickets/customerView.ts';
import type { HelpDesk, SupportDesk } from '../tickets/port.ts';
import type { Refresh } from '../tickets/refresh.ts';
import { createWebhook } from '../tickets/webhook.ts';
import { banners } from './banners.ts';
import { createSubscribe } from './changes.ts';
import { createMetricsText, type Metrics } from './metrics.ts';
import { createReadiness } from './readiness.ts';
import { createSenderApi } from './senderApi.ts';
import { createSurfaceApi } from './surfaceApi.ts';

interface ConsoleApiDeps {
  pool: Pool;
  /** For what people read: lists, searches and pages. */
  pagePool: Pool;
  config: Config;
  registry: Registry;
  chart: Chart;
  /** Called when a page is viewed; once for those that are viewed together. */
  onPage?: () => void;
  host: Host;
  intake: Intake;
  sources: Sources;
  flags: Flags;
  desk: HelpDesk & SupportDesk;
  refresh: Refresh;
  listener: Listener;
  ownAnswers: OwnAnswers;
  /** What a click asks for when it is delivered. */
  policy: () => Promise<unknown>;
  metrics: Metrics;
  sessions: Sessions;
  signIn: SignIn | null;
  refused: Refuse;
  /** Stores the refusals that this process has counted. */
  flushRefusals: () => Promise<void>;
  /** Null where this process does not check surfaces. */
  poller: Poller | null;
  sandboxPages: ConsoleApi['sandboxPages'];
  awaitsMigration: ConsoleApi['awaitsMigration'];
}

/** The part of the program that answers each method of the console API. */
export function createConsoleApi(deps: ConsoleApiDeps): ConsoleApi {
  const { pool, pagePool, config, registry, chart, host, flags, metrics, sessions } = deps;
  const { deliver } = host;
  const customers = createCustomers(pool);
  const silences = createSilences(pool);
  const letters = createDeadLetters({ pool, registry, deliver });
  const reader = (signal?: AbortSignal) => pageReader(pagePool, signal);
  const countAlerts = coalesce(() => countActive(pagePool));
  const subscribe = createSubscribe(deps.listener);
  // Pages read the flags right after they were told of a flip in another process.
  subscribe((change) => {
    if (change.flags) flags.forget();
  });
  const webhook = createWebhook({
    secret: () => config.freescout.webhookSecret,
    refresh: deps.refresh,
    onFailed: () => metrics.errors.inc({ where: 'webhook' }),
  });

  return {
    ...createSurfaceApi({ ...deps, deliver, subscribe }),
    async alerts(query, signal) {
      const silentAfterSeconds = await deps.sources.shownSilentAfter();
      const list = cancellableRead(pagePool, { signal }, (client) =>
        listAlerts(client, { ...query, silentAfterSeconds }),
      );
      const [page, active] = await Promise.all([list, countAlerts()]);
      return { ...page, active };
    },
    alert: async (key, signal) => alertStory(reader(signal), key, await deps.sources.shownSilentAfter()),
    resolveAlert: createResolveByHand({ pool, deliver }),
    silences: (query, signal) => listSilences(reader(signal), query),
    createSilence: silences.create,
    endSilence: silences.end,
    suppressedAlerts: (signal) => listSuppressed(reader(signal)),
    weekly: (week, signal) => weeklyReport(reader(signal), week),
    ingest: (source, alerts, atMost) => deps.intake.accept(source, alerts, { atMost }),
    ...createSenderApi({ pool, pagePool, config, sources: deps.sources, flushRefusals: deps.flushRefusals }),
    customers: (query, signal) =>
      cancellableRead(pagePool, { signal }, (client) => createCustomers(client).list(query)),
    customer: createViewCustomer({ customers, desk: deps.desk }),

    flags: flags.list,
    setFlag: flags.set,
    isFlagOn: flags.isOn,

    signIn: deps.signIn,
    countFailures: createFailureCount(pool),
    refused: deps.refused,
    async refusals(signal) {
      await deps.flushRefusals();
      return readRefusals(reader(signal));
    },
    session: sessions.find,
    sessions: sessions.list,
    revokeSession: sessions.revoke,

    audit: (query, signal) => listAudit(pagePool, query, signal),
    actors: (query, signal) => cancellableRead(pagePool, { signal }, (client) => listActors(client, query)),
    actor: (id, signal) => actorDetail(reader(signal), { registry, chart }, id),
    reconciliation: (signal) => readReconciliation(reader(signal)),

    deadLetters: (query, signal) => listDeadLetters(reader(signal), query),
    deadLetter: (id, signal) => shownDeadLetter(reader(signal), id),
    editDeadLetter: letters.edit,
    replayDeadLetter: letters.replay,
    replayDeadLetters: letters.replayMany,
    discardDeadLetter: letters.discard,

    freescoutWebhook: async (rawBody, signature) => webhook(rawBody, signature),
    subscribe,
    sandboxPages: deps.sandboxPages,
    // Only pages ask for them.
    banners: coalesce(() => {
      deps.onPage?.();
      return banners({ pool, config, flags, isWorker: deps.poller !== null });
    }),
    readiness: createReadiness(pool, deps.poller),
    awaitsMigration: deps.awaitsMigration,
    countRequest: createRequestCount(metrics),
    metrics: createMetricsText(metrics.registry),
  };
}

/** A caller may make up methods; each would be a time series of its own. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

const createRequestCount =
  ({ httpRequests, httpLatency }: Metrics): ConsoleApi['countRequest'] =>
  ({ method, route: found, status, seconds }) => {
    const route = found ?? 'none';
    httpRequests.inc({ method: METHODS.has(method) ? method : 'other', route, status });
    if (seconds !== null) httpLatency.observe({ route }, seconds);
  };
