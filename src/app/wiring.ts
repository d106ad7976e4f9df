import type { Pool } from 'pg';
import { createHost, type Host } from '../actors/host.ts';
import type { Registry } from '../actors/registry.ts';
import { type Aggregator, createAggregator, namedSurfaces } from '../alerts/aggregator.ts';
import type { EmissionPolicy } from '../alerts/emission.ts';
import { expiredEpisodes } from '../alerts/expiredEpisodes.ts';
import { createIdChurn } from '../alerts/idChurn.ts';
import { createIdChurnStore } from '../alerts/idChurnStore.ts';
import { createIntake, type Intake } from '../alerts/intake/intake.ts';
import { createIrregularityReport } from '../alerts/intake/irregularities.ts';
import { createLastSeen, type LastSeen } from '../alerts/lastSeen.ts';
import { createResolutions } from '../alerts/resolutions/resolutions.ts';
import { createResolutionStore } from '../alerts/resolutions/store.ts';
import { auditUnknown } from '../alerts/resolutions/unknown.ts';
import { createReviewSuppressed, type ReviewSuppressed } from '../alerts/reviewSuppressed.ts';
import { activeSilences } from '../alerts/silences/active.ts';
import type { ActiveSilence } from '../alerts/silences/matching.ts';
import { createSources, type Sources } from '../alerts/sources/sources.ts';
import { createSuppressions } from '../alerts/suppression.ts';
import { appendAudit } from '../audit/auditLog.ts';
import type { Config } from '../config/config.ts';
import type { ClockReadings, DatabaseClock } from '../db/databaseClock.ts';
import type { Flags } from '../flags/flags.ts';
import { memoizeFor } from '../lib/memoizeFor.ts';
import { createPlaces } from '../lib/places.ts';
import type { Log } from '../log/log.ts';
import { createNotificationRules } from '../notify/notificationRules.ts';
import type { Messenger } from '../notify/port.ts';
import { lateAfterMs } from '../surfaces/lateChecks.ts';
import { createOwnAnswers, type OwnAnswers } from '../surfaces/ownAnswers.ts';
import { createNewFilings } from '../tickets/newFilings.ts';
import type { HelpDesk } from '../tickets/port.ts';
import { createActionWriters, createRouter, mayEmit, noRoutes } from './actionWriters.ts';
import { createActivityLog } from './activityLog.ts';
import { auditReplayed } from './auditReplayed.ts';
import { createEffectHandlers, hasAccess } from './effectHandlers.ts';
import { withLatency } from './effectLatency.ts';
import { createEmissionPolicy } from './emissionPolicy.ts';
import { createFiling, createTicketNotes } from './filing.ts';
import { leaveFor } from './leave.ts';
import { createMessages } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { createShadow, type Shadow } from './shadow.ts';

/** From an emission or a click to a ticket and a message: the host with its machines, effects and adapters. */
export interface Wiring {
  host: Host;
  aggregator: Aggregator;
  intake: Intake;
  lastSeen: LastSeen;
  reviewSuppressed: ReviewSuppressed;
  sources: Sources;
  shadowNow: Shadow['shadowNow'];
  ownAnswers: OwnAnswers;
  /** Reads the settings and suppressions that apply to an emission at this moment. */
  policy: () => Promise<EmissionPolicy>;
  /** As emissions know them: at most half a second old. */
  recentSilences: () => Promise<readonly ActiveSilence[]>;
}

interface WiringDeps {
  pool: Pool;
  /** Of direct connections, for the job workers; `pool` where left out. */
  jobPool?: Pool;
  /** Of the server itself, without a pooler. */
  databaseUrl: string;
  clock: DatabaseClock & ClockReadings;
  config: Config;
  registry: Registry;
  desk: HelpDesk;
  messenger: Messenger;
  flags: Flags;
  log: Log;
  metrics: Metrics;
  /** Whether the event loop of this process is busy; measured where left out. */
  isBusy?: () => boolean;
}

/** For an emission; admission reads them again before the POST. */
const SILENCES_FRESH_MS = 500;

export function createWiring(deps: WiringDeps): Wiring {
  const { pool, databaseUrl, registry, config, log, metrics } = deps;
  const sources = createSources(pool, {
    silentAfterMinutes: config.alertSilentAfterMinutes,
    reopenWithinMinutes: config.reopenWithinMinutes,
    pollIntervalSeconds: config.surfaces.pollIntervalSeconds,
    storm: config.storm,
  });
  const lastSeen = createLastSeen(pool);
  const idChurn = createIdChurn(createIdChurnStore(pool), async (source) => (await sources.rules(source)).keepsIds);
  const shadow = createShadow({ pool, consoleUrl: config.publicUrl, stormLimits: sources.stormLimits });
  const suppressions = createSuppressions(pool, lateAfterMs(config.surfaces.pollIntervalSeconds), shadow.shadowNow);
  const recentSilences = memoizeFor(SILENCES_FRESH_MS, () => activeSilences(pool));
  const rules = createNotificationRules(pool);
  const { shadowNow } = shadow;
  const policy = createEmissionPolicy({ ...deps, suppressions, sources, rules, recentSilences, shadowNow });
  const concurrency = { urgent: config.freescout.concurrency, other: config.freescout.concurrency + 4 };
  const ownAnswers = createOwnAnswers();
  const newFilings = createNewFilings();
  const logActivity = createActivityLog(log, metrics);
  const halfOfWorkers = () => createPlaces(Math.ceil(concurrency.other / 2));
  const places = { updates: halfOfWorkers(), dms: halfOfWorkers() };
  const host: Host = createHost({
    pool,
    ...(deps.jobPool ? { jobPool: deps.jobPool } : {}),
    databaseUrl,
    clock: deps.clock,
    registry,
    log: log.child({ part: 'actors' }),
    writers: createActionWriters(newFilings),
    // Reading the suppressions costs a query over all surfaces, and results of effects arrive by the thousand.
    router: async (recipients) => (recipients.some(mayEmit) ? createRouter(await policy()) : noRoutes),
    onDelivered(delivered) {
      logActivity(delivered);
      ownAnswers.onDelivered(delivered);
    },
    handlers: withLatency(
      shadow.effects(
        createEffectHandlers({
          filing: createFiling({ ...deps, newFilings, sources, suppressions, shadow }),
          desk: deps.desk,
          notes: createTicketNotes({ ...deps, places: places.updates }),
          dms: createMessages({ ...deps, sources, rules, deliver: (messages) => host.deliver(messages) }),
          places,
          log,
        }),
      ),
      (src, seconds) => metrics.effectLatency.observe({ src }, seconds),
    ),
    concurrency,
    canRun: (src) => hasAccess(config, src),
    ...(deps.isBusy ? { isBusy: deps.isBusy } : {}),
    onReplayed: auditReplayed,
    onEffectEnd: (src, outcome) => metrics.effects.inc({ src, outcome }),
  });
  const aggregator = createAggregator({
    ...{ deliver: host.deliver, leave: leaveFor(pool), lastSeen, idChurn, policy },
    namedSurfaces: (ids) => namedSurfaces(pool, ids),
    expiredEpisodes: (silent) => expiredEpisodes(pool, silent),
    expiresAfterSeconds: async (source) => (await sources.rules(source)).expiresAfterSeconds,
    resolutions: createResolutions(createResolutionStore(pool)),
    auditUnknown: (source, unknown) => auditUnknown(pool, appendAudit, source, unknown),
  });
  const reviewSuppressed = createReviewSuppressed({
    pool,
    deliver: host.deliver,
    isAutoTicketOn: () => deps.flags.isOnNow('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
    silencesNow: () => activeSilences(pool),
    suppressionNow: async () => (await suppressions.now()).of,
    shadowNow,
  });
  const intake = createIntake({ aggregator, report: reportIrregularities(deps) });
  return {
    host,
    lastSeen,
    sources,
    aggregator,
    intake,
    reviewSuppressed,
    shadowNow,
    ownAnswers,
    policy,
    recentSilences,
  };
}

const reportIrregularities = ({ log, metrics }: WiringDeps) =>
  createIrregularityReport({
    warn: (facts, message) => log.warn(facts, message),
    count: (what, times) => metrics.irregular.inc({ what }, times),
  });
