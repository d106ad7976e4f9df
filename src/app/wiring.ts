import type { Pool } from 'pg';
import { createHost, type Host } from '../actors/host.ts';
import { isHelpdeskFailing } from '../actors/projections/helpdesk.ts';
import type { Registry } from '../actors/registry.ts';
import { countOnUmbrella, createAdmission, takeStormSlot } from '../alerts/admission.ts';
import { type Aggregator, createAggregator } from '../alerts/aggregator.ts';
import type { EmissionPolicy } from '../alerts/emission.ts';
import { createIdChurn } from '../alerts/idChurn.ts';
import { createLastSeen, type LastSeen } from '../alerts/lastSeen.ts';
import { createSuppressions } from '../alerts/suppression.ts';
import { appendAudit } from '../audit/auditLog.ts';
import type { Config } from '../config/config.ts';
import type { Flags } from '../flags/flags.ts';
import type { Log } from '../log/log.ts';
import { createDmStore } from '../notify/dmStore.ts';
import { createDms } from '../notify/dms.ts';
import type { Messenger } from '../notify/port.ts';
import { lateAfterMs } from '../surfaces/statusGridTiles.ts';
import { createFilingProtocol } from '../tickets/filing.ts';
import { createFilingStore } from '../tickets/filingStore.ts';
import type { HelpDesk } from '../tickets/port.ts';
import { actionWriters, createRouter, mayEmit, noRoutes } from './actionWriters.ts';
import { createActivityLog } from './activityLog.ts';
import { createEffectHandlers } from './effectHandlers.ts';
import type { Metrics } from './metrics.ts';

/** From an emission or a click to a ticket and a message: the host with its machines, effects and adapters. */
export interface Wiring {
  host: Host;
  aggregator: Aggregator;
  lastSeen: LastSeen;
}

export function createWiring(deps: {
  pool: Pool;
  databaseUrl: string;
  config: Config;
  registry: Registry;
  desk: HelpDesk;
  messenger: Messenger;
  flags: Flags;
  log: Log;
  metrics: Metrics;
}): Wiring {
  const { pool, config, desk, flags, log } = deps;
  const consoleUrl = config.publicUrl;
  const lastSeen = createLastSeen(pool, config.alertSilentAfterMinutes);
  const idChurn = createIdChurn(pool);
  const suppressions = createSuppressions(pool, lateAfterMs(config.surfaces.pollIntervalSeconds));

  const policy = async (): Promise<EmissionPolicy> => ({
    autoTicket: await flags.isOn('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
    suppressionOf: (await suppressions.recent()).of,
    flapMaxEpisodes: config.flap.maxEpisodes,
    flapWindowMs: config.flap.windowMinutes * 60_000,
  });

  const isFailing = (): Promise<boolean> => isHelpdeskFailing(pool);

  const filing = createFilingProtocol({
    store: createFilingStore(pool),
    desk,
    isHelpdeskFailing: isFailing,
    admission: createAdmission({
      lastSeen,
      idChurn,
      suppressionNow: async (source, surfaceId) => (await suppressions.now()).of(source, surfaceId),
      isAutoTicketOn: () => flags.isOnNow('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
      isHelpdeskFailing: isFailing,
      takeSlot: (id, source) => takeStormSlot(pool, config.storm, { table: 'filings', id, source }),
    }),
    settings: config.freescout,
    consoleUrl,
    log,
  });

  const dms = createDms({
    store: createDmStore(pool),
    messenger: deps.messenger,
    consoleUrl,
    admit: (id, source) => takeStormSlot(pool, config.storm, { table: 'direct_messages', id, source }),
  });

  const host = createHost({
    pool,
    databaseUrl: deps.databaseUrl,
    registry: deps.registry,
    log: log.child({ part: 'actors' }),
    writers: actionWriters,
    // Reading what holds alerts back costs a look at every surface, and answers of effects come in by the thousand.
    router: async (recipients) => (recipients.some(mayEmit) ? createRouter(await policy()) : noRoutes),
    onDelivered: createActivityLog(log, deps.metrics),
    handlers: createEffectHandlers({
      filing,
      desk,
      dms,
      onUmbrella: (source) => countOnUmbrella(pool, source),
      inDoubtSeconds: config.freescout.inDoubtSeconds,
      log,
    }),
    concurrency: { urgent: config.freescout.concurrency, other: config.freescout.concurrency + 4 },
    async onReplayed(client, { id, status, outcome }) {
      // What failed once more is listed again; what was delivered, or dropped because nobody needs it now, is told here.
      if (status !== 'done') return;
      await appendAudit(client, [
        { action: 'console.dead_letters.delivered', payload: { effect_id: id, outcome }, actor: 'console' },
      ]);
    },
    onEffectEnd: (src, outcome) => deps.metrics.effects.inc({ src, outcome }),
  });

  return {
    host,
    lastSeen,
    aggregator: createAggregator({ pool, deliver: host.deliver, lastSeen, idChurn, policy }),
  };
}
