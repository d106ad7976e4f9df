import type { Pool } from 'pg';
import { createHost, type Host } from './actors/host.ts';
import type { Registry } from './actors/registry.ts';
import { admit, countOnUmbrella, createAdmission } from './alerts/admission.ts';
import { type Aggregator, createAggregator } from './alerts/aggregator.ts';
import type { EmissionPolicy } from './alerts/emission.ts';
import { createHolds } from './alerts/holds.ts';
import { createIdentities } from './alerts/identities.ts';
import { createSightings, type Sightings } from './alerts/sightings.ts';
import { appendAudit } from './audit/log.ts';
import type { Config } from './config.ts';
import { createEffects } from './effects.ts';
import type { Flags } from './flags/flags.ts';
import { createJournal } from './journal.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createDmStore } from './notify/dmStore.ts';
import { createDms } from './notify/dms.ts';
import type { Messenger } from './notify/port.ts';
import { createRouter, mayEmit, nothingToRoute, writers } from './says.ts';
import { lateAfterMs } from './surfaces/tiles.ts';
import { isHeldToFail } from './tickets/breaker.ts';
import { createFilingProtocol } from './tickets/filing.ts';
import { createFilingStore } from './tickets/filingStore.ts';
import type { HelpDesk } from './tickets/port.ts';

/** From an emission or a click to a ticket and a message: the host with its machines, effects and adapters. */
export interface Pipeline {
  host: Host;
  aggregator: Aggregator;
  sightings: Sightings;
}

export function createPipeline(deps: {
  pool: Pool;
  databaseUrl: string;
  config: Config;
  registry: Registry;
  desk: HelpDesk;
  messenger: Messenger;
  flags: Flags;
  log: Log;
  metrics: Metrics;
}): Pipeline {
  const { pool, config, desk, flags, log } = deps;
  const consoleUrl = config.publicUrl;
  const sightings = createSightings(pool, config.alertSilentAfterMinutes);
  const identities = createIdentities(pool);

  const holds = createHolds(pool, lateAfterMs(config.surfaces.pollIntervalSeconds));

  const policy = async (): Promise<EmissionPolicy> => ({
    autoTicket: await flags.isOn('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
    hold: (await holds.recent()).of,
    flapMaxEpisodes: config.flap.maxEpisodes,
    flapWindowMs: config.flap.windowMinutes * 60_000,
  });

  const deskFails = (): Promise<boolean> => isHeldToFail(pool);

  const filing = createFilingProtocol({
    store: createFilingStore(pool),
    desk,
    deskFails,
    admission: createAdmission({
      sightings,
      identities,
      holdNow: async (source, surfaceId) => (await holds.now()).of(source, surfaceId),
      isAutoTicketOn: () => flags.isOnNow('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
      deskFails,
      takePlace: (id, source) => admit(pool, config.storm, { table: 'filings', id, source }),
    }),
    settings: config.freescout,
    consoleUrl,
    log,
  });

  const dms = createDms({
    store: createDmStore(pool),
    messenger: deps.messenger,
    consoleUrl,
    admit: (id, source) => admit(pool, config.storm, { table: 'direct_messages', id, source }),
  });

  const host = createHost({
    pool,
    databaseUrl: deps.databaseUrl,
    registry: deps.registry,
    log: log.child({ part: 'actors' }),
    writers,
    // Reading what holds alerts back costs a look at every surface, and answers of effects come in by the thousand.
    router: async (recipients) => (recipients.some(mayEmit) ? createRouter(await policy()) : nothingToRoute),
    onDelivered: createJournal(log, deps.metrics),
    handlers: createEffects({
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
    sightings,
    aggregator: createAggregator({ pool, deliver: host.deliver, sightings, identities, policy }),
  };
}
