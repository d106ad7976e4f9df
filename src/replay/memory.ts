import type { AlertContext } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { LastSeen, Seen } from '../alerts/lastSeen.ts';
import { isPlausible } from '../alerts/plausibleInstant.ts';
import { fullKey, type ResolutionStore } from '../alerts/resolutions/store.ts';
import type { VirtualClock } from './clock.ts';
import type { VirtualHost } from './virtualHost.ts';

/** What the aggregation keeps in tables, in memory: when alerts were last emitted, and their last resolutions. */

interface Sighting {
  at: number;
  alertId: string | undefined;
  sentAt: Date | null;
  startedAt: Date | null;
  arrivedAt: Date | null;
}

interface StoredResolution {
  sentAt: Date | null;
  arrivedAt: Date | null;
  at: number;
  wasActive: boolean;
}

const HOUR_MS = 3_600_000;

export function createMemory(clock: VirtualClock, host: () => Pick<VirtualHost, 'snapshot'>) {
  const sightings = new Map<string, Sighting>();
  const resolutions = new Map<string, StoredResolution>();
  const believed = (instant: string | null | undefined): string | undefined =>
    instant && isPlausible(instant, clock.now()) ? instant : undefined;

  function record(seen: readonly Seen[]): void {
    for (const { alertKey, alertId, sentAt, startedAt, arrivedAt } of seen) {
      const known = sightings.get(alertKey);
      const ofSameId = known?.alertId === alertId ? known : undefined;
      const instants = {
        sentAt: later(ofSameId?.sentAt, believed(sentAt)),
        startedAt: later(ofSameId?.startedAt, believed(startedAt)),
        arrivedAt: later(ofSameId?.arrivedAt, arrivedAt),
      };
      sightings.set(alertKey, { at: clock.now(), alertId, ...instants });
    }
  }

  const lastSeen: LastSeen = {
    async recordSeen(seen) {
      const before = seen.flatMap(({ alertKey }) => {
        const known = sightings.get(alertKey);
        return known?.alertId === undefined ? [] : [[alertKey, { ...known, alertId: known.alertId }] as const];
      });
      record(seen);
      return { silent: [], newer: new Map(before) };
    },
    recordSeenIn: async (_client, seen) => record(seen),
  };

  const store: ResolutionStore = {
    async keyStates(alertKeys) {
      return new Map(
        alertKeys.map((alertKey) => {
          const context = host().snapshot(alertActor(alertKey))?.context as AlertContext | undefined;
          const seen = sightings.get(alertKey);
          const last = seen?.alertId === undefined ? undefined : { ...seen, alertId: seen.alertId };
          return [alertKey, { alertKey, isActive: context?.active === true, ids: context?.ids ?? [], last }];
        }),
      );
    },
    async record(rows) {
      return new Map(
        rows.map(({ alert_key, alert_id, own_at, arrived_at, was_active }) => {
          const key = fullKey(alert_key, alert_id);
          const known = resolutions.get(key);
          const wasActive = was_active || (known?.wasActive === true && clock.now() - known.at < HOUR_MS);
          const own = believed(own_at);
          const sentAt = own === undefined ? null : later(known?.sentAt, own);
          const arrivedAt = later(known?.arrivedAt, arrived_at ?? undefined);
          resolutions.set(key, { sentAt, arrivedAt, at: clock.now(), wasActive });
          return [key, wasActive];
        }),
      );
    },
    async past(ids) {
      return new Map(
        ids.flatMap(({ alert_key, alert_id }) => {
          const key = fullKey(alert_key, alert_id);
          const known = resolutions.get(key);
          return known ? [[key, { ...known, ageMs: clock.now() - known.at }] as const] : [];
        }),
      );
    },
  };

  /** Whether the alert was not emitted for longer than this. */
  const isSilent = (alertKey: string, seconds: number | null): boolean => {
    const seen = sightings.get(alertKey);
    return seconds !== null && seen !== undefined && clock.now() - seen.at > seconds * 1_000;
  };

  return { lastSeen, store, isSilent };
}

const later = (one: Date | null | undefined, other: string | undefined): Date | null => {
  const times = [one?.getTime(), other === undefined ? undefined : Date.parse(other)].filter(
    (time) => time !== undefined,
  );
  return times.length === 0 ? null : new Date(Math.max(...times));
};
