import { createRegistry } from '../actors/registry.ts';
import { createAggregator } from '../alerts/aggregator.ts';
import type { EmissionPolicy } from '../alerts/emission.ts';
import { readEmission } from '../alerts/intake/readEmission.ts';
import { createResolutions } from '../alerts/resolutions/resolutions.ts';
import { readRequest } from '../alerts/senders/readRequest.ts';
import { senderNamed } from '../alerts/senders/registry.ts';
import { NotUnderstood } from '../alerts/senders/sender.ts';
import type { InShadow } from '../alerts/shadow/state.ts';
import { rulesOf, type SourceDefaults } from '../alerts/sources/rules.ts';
import { settingsOf } from '../alerts/sources/sources.ts';
import type { StormLimits } from '../alerts/stormSlots.ts';
import { createRouter } from '../app/actionWriters.ts';
import { machines } from '../app/machineRegistry.ts';
import { messageFor } from '../surfaces/maintenanceClock.ts';
import { windowsAt } from '../surfaces/maintenanceWindows.ts';
import { checkedEvent } from '../surfaces/pollerEvents.ts';
import type { SurfaceConfig } from '../surfaces/surfacesFile.ts';
import { createVirtualClock } from './clock.ts';
import type { ReplayConfig, StoredCheck, StoredRequest } from './inputs.ts';
import { createMemory } from './memory.ts';
import { suppressionIn } from './outages.ts';
import { createTicketLog } from './ticketLog.ts';
import type { ReplayedTicket } from './tickets.ts';
import { createVirtualHost } from './virtualHost.ts';

/** One replay: stored requests and checks run through the decisions of production, on virtual time. */
export interface Decisions {
  request(request: StoredRequest): Promise<void>;
  check(check: StoredCheck): Promise<void>;
  /** Lets the time pass until then. */
  until(instant: Date): Promise<void>;
  tickets: readonly ReplayedTicket[];
}

export interface ReplaySettings extends SourceDefaults {
  storm: StormLimits;
  flap: { maxEpisodes: number; windowMinutes: number; maxOutages: number; outageWindowMinutes: number };
}

export function createDecisions(config: ReplayConfig, settings: ReplaySettings, start: Date): Decisions {
  const clock = createVirtualClock(start.getTime());
  const surfaces = new Map(config.surfaces.map((surface) => [surface.id, surface]));
  const sources = new Map(config.sources.map((source) => [source.id, source]));
  const senders = new Map<string, string>();
  const inShadow: InShadow = (source, surfaceId) =>
    sources.get(source ?? '')?.shadow === true || surfaces.get(surfaceId ?? '')?.shadow === true;
  const rules = (source: string) =>
    rulesOf(
      source,
      { declared: sources.get(source), learnedSeconds: undefined, sender: senders.get(source) },
      settings,
    );
  const suppressionNow = () => suppressionIn(config.surfaces, (id) => host.snapshot(id), inShadow);

  const policy = (): EmissionPolicy => ({
    autoTicket: true,
    isSilenced: () => false,
    suppressionOf: suppressionNow().of,
    flapMaxEpisodes: settings.flap.maxEpisodes,
    flapWindowMs: settings.flap.windowMinutes * 60_000,
    reopenWithinMs: (source, ofSurface) => (ofSurface ?? rules(source).reopenWithinMinutes) * 60_000,
    // It changes no ticket.
    escalateAfterMs: () => null,
  });
  const memory = createMemory(clock, () => host);
  const log = createTicketLog({
    ...{ clock, suppressionNow, inShadow },
    isSilent: (source, alertKey) => memory.isSilent(alertKey, rules(source).silentAfterSeconds),
    stormLimits: (source) => ({
      ...settings.storm,
      maxTickets: sources.get(source)?.stormMaxTickets ?? settings.storm.maxTickets,
    }),
  });
  const host = createVirtualHost({
    registry: createRegistry(machines),
    clock,
    router: () => createRouter(policy()),
    onIntent: log.intended,
    async run(src, input) {
      if (src === 'fileTicket') return log.file(input);
      if (src === 'sendDm') return { outcome: 'sent' };
      return src === 'checkHelpdesk' ? { works: true } : { outcome: 'done' };
    },
  });
  const aggregator = createAggregator({
    deliver: host.deliver,
    // Nothing holds an actor in memory.
    leave: async () => undefined,
    lastSeen: memory.lastSeen,
    // Senders with an adapter keep their ids.
    idChurn: {
      resolveIds: async (_, alerts) => ({ alerts, extraMessages: [], afterDelivery: async () => undefined }),
      mayRename: () => false,
    },
    resolutions: createResolutions(memory.store),
    policy: async () => policy(),
    expiresAfterSeconds: async (source) => rules(source).expiresAfterSeconds,
    // Which tickets a person closed meanwhile does not depend on the configuration.
    expiredEpisodes: async () => [],
    namedSurfaces: async (ids) => new Map(ids.flatMap((id) => namedSurface(surfaces.get(id)))),
    auditUnknown: async () => undefined,
  });

  return {
    tickets: log.tickets,
    until: (instant) => clock.runUntil(instant.getTime()),
    async request(request) {
      await clock.runUntil(request.receivedAt.getTime());
      senders.set(request.source, request.sender);
      const alerts = await alertsOf(request, settingsOf(sources.get(request.source)));
      if (alerts.length > 0) await aggregator.ingest(request.source, alerts);
      await clock.runUntil(request.receivedAt.getTime());
    },
    async check(check) {
      const surface = surfaces.get(check.surfaceId);
      if (!surface) return;
      await clock.runUntil(check.at.getTime());
      const { flap, reopenWithinMinutes } = settings;
      const limits = { maxOutages: flap.maxOutages, windowMs: flap.outageWindowMinutes * 60_000 };
      const checked = { surface: { id: surface.id, config: surface, claimed_at: check.at }, check };
      await host.deliver([
        ...maintenanceOf(surface, check.at),
        checkedEvent(checked, { flap: limits, reopenWithinMinutes }),
      ]);
      await clock.runUntil(check.at.getTime());
    },
  };
}

const namedSurface = (surface: SurfaceConfig | undefined) =>
  surface ? [[surface.id, { name: surface.name, reopenWithin: surface.reopenWithinMinutes }] as const] : [];

const maintenanceOf = (surface: SurfaceConfig, at: Date) =>
  surface.maintenance.length + surface.weeklyMaintenance.length === 0
    ? []
    : [messageFor(surface.id, windowsAt(surface, at).current)];

/** None where the request cannot be understood. */
async function alertsOf(request: StoredRequest, settings: ReturnType<typeof settingsOf>) {
  const sender = senderNamed(request.sender);
  if (!sender) return [];
  try {
    const { alerts } = await readRequest(sender, request, settings, request.receivedAt);
    const arrived_at = request.receivedAt.toISOString();
    return alerts.map(readEmission).flatMap((read) => ('alert' in read ? [{ ...read.alert, arrived_at }] : []));
  } catch (error) {
    if (error instanceof NotUnderstood) return [];
    throw error;
  }
}
